from .command import run_relay_command as run_relay_command
from .page_assembler import PageAssembler as PageAssembler
from .relay_hub import RelayHub as RelayHub
from .share_follower import ShareFollower as ShareFollower
