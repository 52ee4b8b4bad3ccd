#!/bin/bash
# Runs until somebody ends it, or for the seconds in an option that the tests set.
exec sleep "${CROWDSTRIKE_SCOPES:-infinity}"
