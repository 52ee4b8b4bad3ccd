# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju says, and what it does not mean.

Secrets, refusals and leaving units, for all other packages here. It imports only the errors.
"""

from .refusal import is_lost_list as is_lost_list
from .refusal import is_of_secret as is_of_secret
from .refusal import is_refusal as is_refusal
from .secret import read_secret as read_secret
from .secret import typed_errors as typed_errors
from .secret import unread_secret as unread_secret
from .unit import is_dying as is_dying
from .unit import is_in_relation_broken as is_in_relation_broken
from .unit import is_in_relation_departed as is_in_relation_departed
