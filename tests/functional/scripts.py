# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What runs in an environment of its own, with OpenCTI's client library."""

CONNECTOR = """
import signal
from pycti import OpenCTIConnectorHelper, get_config_variable

helper = OpenCTIConnectorHelper({})
create = get_config_variable('CROWDSTRIKE_CREATE_INDICATORS', ['crowdstrike', 'create'])
helper.set_state({'create_indicators': create})
helper.force_ping()
signal.pause()
"""

# pycti can have OpenCTI call it on the port HERE, instead of listening to RabbitMQ.
LISTENER = """
import os
from pycti import OpenCTIConnectorHelper

if HERE:
    os.environ['CONNECTOR_LISTEN_PROTOCOL'] = 'API'
    os.environ['CONNECTOR_LISTEN_PROTOCOL_API_PORT'] = str(HERE)
helper = OpenCTIConnectorHelper({})

def process(message):
    known = helper.api.connector.read(helper.connect_id)
    helper.api.work.initiate_work(helper.connect_id, f"{known['name']} got {message['what']}")
    return 'done'

helper.listen(process)
"""

SIGN = """
import sys
import jwt
from cryptography.hazmat.primitives.asymmetric import ed25519

seed, kid = sys.argv[1:]
key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
claims = {'iss': 'opencti', 'sub': 'connector'}
print(jwt.encode(claims, key, algorithm='EdDSA', headers={'kid': kid}))
"""
