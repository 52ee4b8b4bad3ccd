# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The secret with one connector's token, on its owner's side.

The owner avoids reading the content: each read pins the revision of that moment for the unit that
reads, and a pinned revision never becomes obsolete. `secret-info-get` pins nothing.
"""

import dataclasses
import datetime
import functools
import re
from collections.abc import Mapping

import ops
import pydantic

from .. import _errors, _juju, _relation
from . import decisions

_MOST_LISTS = 3
"""How often to ask Juju to list the secrets, which fails while one is removed."""


@dataclasses.dataclass(frozen=True)
class _Found:
    info: ops.SecretInfo

    secret: ops.Secret

    is_published: bool
    """Whether its id is in the databag."""

    is_foreign: bool = False
    """Whether a charm without this library made it."""


class TokenSecret:
    """Finds, writes and removes the secret of one relation. It is looked up once a hook."""

    def __init__(self, framework: ops.Framework, relation: ops.Relation):
        self._framework = framework
        self._model = framework.model
        self._relation = relation
        self._label = f'{relation.name}-token-{relation.id}'
        self._added: ops.Secret | None = None
        self.keeps_token = False
        """Whether the token that this hook writes stays, although something fails after it."""

    @property
    def published_revision(self) -> int | None:
        """The newest revision of the secret that was found published; `None` if none was."""
        found = self._found
        return found.info.revision if found is not None and found.is_published else None

    @property
    def is_published(self) -> bool:
        """Whether the databag holds the secret's id."""
        return self._added is not None or self.published_revision is not None

    @property
    def expires(self) -> bool:
        """Whether the secret that was found expires."""
        return self._found is not None and self._found.info.expires is not None

    @functools.cached_property
    def is_usable(self) -> bool:
        """Whether the published token can stay in use. Only a foreign secret is read for it."""
        if self._found is None or not self._found.is_published:
            return False
        expires = self._found.info.expires
        now = datetime.datetime.now(tz=datetime.timezone.utc)
        if expires is not None and expires.astimezone(datetime.timezone.utc) <= now:
            return False
        return not self._found.is_foreign or self._read(self._found) is not None

    def publish(self, publication: decisions.Publication, *, may_grant: bool) -> bool:
        """Bring the secret and the databag up to date, and return whether anything differed.

        If the charm repeats a token, only Juju knows whether it differs. That does not count.
        """
        # A deferred event comes before the one that tells that others may have written.
        if publication.token is None and not self.is_usable:
            raise ops.SecretNotFoundError('no usable token is published')
        secret, is_changed = self._added, True
        if self._found is not None:
            secret = self._found.secret
            is_changed = self._update(self._found, publication)
        elif secret is None:
            assert publication.token is not None
            self._added = secret = self._model.app.add_secret(
                _relation.secret_content(publication.token),
                label=self._label,
                expire=publication.expire,
            )
        is_changed |= self._write_databag(publication.url, secret)
        self.keeps_token = True
        if may_grant:
            secret.grant(self._relation)  # Each time, which restores a lost grant.
        return is_changed

    def withdraw(self) -> bool:
        """Clear the databag and revoke the secret, and return whether there was anything to do.

        The secret stays, in case the connection is published again. Juju 4.0 removes a secret in a
        later job, and with it what was written to the secret in between.
        """
        published = self._own_databag(self._relation) or {}
        if not _relation.ConnectionData.model_fields.keys() & published.keys():
            return False
        secret = self._added
        if self._found is not None:
            self._adopt(self._found)
            secret = self._found.secret
        if secret is not None:
            secret.revoke(self._relation)
        # The databag last: as long as it is not clear, a later hook tries the rest again.
        _relation.ConnectionData.clear(self._relation.data[self._model.app])
        return True

    def remove(self) -> bool:
        """Remove the secret with its grants, and return whether there was one."""
        if self._found is None:
            return False
        self._found.secret.remove_all_revisions()
        return True

    @functools.cached_property
    def _found(self) -> _Found | None:
        published = _relation.published_secret_id(self._own_databag(self._relation))
        by_id = self._info_of(secret_id=published) if published else None
        if by_id is not None and by_id.label == self._label:
            return self._as_found(by_id, published)
        by_label = self._info_of(label=self._label)
        if by_label is not None:
            return self._as_found(by_label, published)
        if by_id is None or relation_of(self._relation.name, by_id.label) is not None:
            return None  # There is none, or it is another relation's.
        if self._is_shared(by_id.id):
            return None
        return dataclasses.replace(self._as_found(by_id, published), is_foreign=True)

    def _as_found(self, info: ops.SecretInfo, published: str | None) -> _Found:
        # By the id alone: with a label as well, Juju may answer with another secret.
        secret = _juju.unread_secret(self._framework, secret_id=info.id)
        return _Found(info, secret, is_published=is_same(published, info.id))

    def _is_shared(self, secret_id: str) -> bool:
        """Return whether a relation that comes before this one publishes the same secret.

        Two relations never share a secret, and one that ends takes none from one that goes on.
        """
        return any(
            is_same(_relation.published_secret_id(self._own_databag(relation)), secret_id)
            for relations in self._model.relations.values()  # Of other endpoints, too.
            for relation in relations
            if relation.id < self._relation.id or not self._relation.active
        )

    def _info_of(self, **secret: str) -> ops.SecretInfo | None:
        return info_of(_juju.unread_secret(self._framework, **secret))

    def _own_databag(self, relation: ops.Relation) -> Mapping[str, str] | None:
        return _relation.read_databag(relation, self._model.app)

    def _read(self, found: _Found) -> pydantic.SecretStr | None:
        """Return the token that the secret holds, if it can be read and used."""
        try:
            return _relation.token_of(found.secret.get_content(refresh=True))
        except _errors.InvalidRelationData:
            return None
        except ops.ModelError as error:
            if _juju.is_refusal(error):
                return None
            raise

    def _update(self, found: _Found, publication: decisions.Publication) -> bool:
        """Write what differs, and return whether anything but a repeated token does."""
        self._adopt(found)
        token = publication.token
        if token is not None:
            # Since 3.6 Juju compares by itself, and makes no revision of equal content.
            compares = publication.is_made or self._model.juju_version >= '3.6'
            if compares or self._read(found) != token:
                found.secret.set_content(_relation.secret_content(token))
                self.keeps_token = found.is_published
        # A new revision has no expiry.
        if publication.expire is not None and (publication.is_made or found.info.expires is None):
            found.secret.set_info(expire=publication.expire)
            return True
        return publication.is_made or found.is_foreign

    def _write_databag(self, url: str, secret: ops.Secret) -> bool:
        databag = self._relation.data[self._model.app]
        published = _relation.published_secret_id(databag)
        # The same secret has two ids, with and without the model: the published one is kept.
        secret_id = published if is_same(published, secret.id) else secret.id
        assert secret_id is not None
        return _relation.ConnectionData(opencti_url=url, opencti_token=secret_id).write(databag)

    def _adopt(self, found: _Found) -> None:
        # By its label it can be found when the relation, and so the published id, is gone.
        if found.is_foreign:
            found.secret.set_info(label=self._label)


def remove_old(event: ops.SecretRemoveEvent, juju_version: ops.JujuVersion) -> bool:
    """Remove an old revision, if that is harmless, and return whether Juju was asked to."""
    info = info_of(event.secret)
    if info is None or info.revision == event.revision:
        return False  # It is gone, or the newest one: then the whole secret would go.
    # Before 3.6.11, `secret-remove --revision 1` also removes 10 to 19, which a connector may
    # still read (juju/juju#20782).
    if juju_version < '3.6.11' and event.revision * 10 <= info.revision:
        return False
    event.secret.remove_revision(event.revision)
    return True


def relation_of(relation_name: str, label: str | None) -> int | None:
    """Return the id of the relation that a label names; `None` for a secret of the charm's own."""
    match = re.fullmatch(rf'{re.escape(relation_name)}-token-(0|[1-9][0-9]*)', label or '')
    return int(match[1]) if match else None


def is_same(one: str | None, other: str | None) -> bool:
    """Return whether two ids, with or without the model's UUID, mean the same secret."""
    if one is None or other is None:
        return False
    return one.rpartition('/')[2].removeprefix('secret:') == (
        other.rpartition('/')[2].removeprefix('secret:')
    )


def info_of(secret: ops.Secret) -> ops.SecretInfo | None:
    """Ask Juju about a secret; `None` if there is none, or it is another application's."""
    for _ in range(_MOST_LISTS):
        try:
            return secret.get_info()
        except ops.SecretNotFoundError as error:
            if not _juju.is_lost_list(error):
                return None
        except ops.ModelError as error:
            # The published id may be that of another application's secret.
            if secret.id is not None and _juju.is_refusal(error):
                return None
            raise
    raise ops.ModelError('Juju cannot list the secrets while they change')
