from .access_control import AccessControl as AccessControl
from .guard import AccessGuard as AccessGuard
from .login import STATE_PATH as STATE_PATH
from .login_throttle import find_client_network as find_client_network
from .password import Credentials as Credentials
from .password import Password as Password
from .rules import AccessRules as AccessRules
