# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What both ends know of the relation: the wire, the databags, and what a charm must declare.

Both ends import it. It imports only Juju's words and the errors.
"""

from .databag import is_gone as is_gone
from .databag import read_databag as read_databag
from .databag import remote_databag as remote_databag
from .metadata import check_metadata as check_metadata
from .metadata import check_relation as check_relation
from .schema import ConnectionData as ConnectionData
from .schema import ConnectorDetails as ConnectorDetails
from .schema import ConnectorType as ConnectorType
from .schema import OpenctiConnection as OpenctiConnection
from .schema import check_url as check_url
from .schema import checked_token as checked_token
from .schema import published_connector_id as published_connector_id
from .schema import published_secret_id as published_secret_id
from .schema import secret_content as secret_content
from .schema import token_of as token_of
