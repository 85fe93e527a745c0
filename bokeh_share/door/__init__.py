"""What every request passes first: `terms` says who is let in, `lock` knows the password."""
