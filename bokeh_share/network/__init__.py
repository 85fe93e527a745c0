"""Which links lead to this machine: addresses, proxies, and what the environment allows."""
