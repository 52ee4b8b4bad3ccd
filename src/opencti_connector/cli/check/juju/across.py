# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The other end of a relation across models, where this client may look at it.

Juju gives such a relation a different id in each model. What joins them is the offer: the
consuming model knows its URL, and the offering one knows by its connections which of its
relations comes from which model.
"""

import re
from typing import Any

from .. import refusals, relations
from .model import Model

_URL = re.compile(r'(?:(?P<controller>[^:]+):)?(?P<model>(?:[^/]+/)?[^/.]+)\.(?P<offer>[^.]+)')


class Models:
    """All models that are looked at, by their names."""

    def __init__(self, first: Model):
        self.first = first
        self._by_name = {first.name: first}
        # It need not be the one that `juju` uses now.
        self._controller = first.status.model.controller

    def __getitem__(self, name: str) -> Model:
        if name not in self._by_name:
            progress = self.first.client.progress
            progress.expected += 3
            self._by_name[name] = Model(name, progress)
        return self._by_name[name]

    def with_other_end(self, relation: relations.Relation) -> relations.Relation:
        """Return a relation with the end in the other model; the same if there is none.

        Raises:
            Refused: if this client may not look at it, or it cannot be told which it is.
        """
        view = relation.views[0]
        others = set(view.other_apps) or {
            pair.other
            for pair in self.first.pairs
            if (pair.app, pair.endpoint) == (view.app, view.info.endpoint)
        }
        if others.intersection(self.first.status.apps):
            return relation
        consumed = others.intersection(self.first.status.app_endpoints)
        try:
            found = self._offered(view, consumed) if consumed else self._consuming(view)
        except (LookupError, ValueError):
            raise refusals.Refused('it cannot be told which relation it is there') from None
        return relations.join([*relation.views, found])

    def _offered(self, view: relations.View, consumed: set[str]) -> relations.View:
        """Find the end of the application that offers."""
        (name,) = consumed
        # With more of them, what is there could be another one's end.
        (_,) = {(p.app, p.endpoint) for p in self.first.pairs if p.other == name}
        url = _URL.fullmatch(self.first.status.app_endpoints[name].url)
        if url is None:
            raise LookupError
        other = self[f'{url["controller"] or self._controller}:{url["model"]}']
        offer = other.offers[url['offer']]
        (relation_id,) = [
            connection.relation_id
            for connection in offer.connections
            if connection.source_model_uuid == self.first.info.uuid
            and connection.endpoint == view.info.related_endpoint
        ]
        return _view(other, offer.application, relation_id=relation_id)

    def _consuming(self, view: relations.View) -> relations.View:
        """Find the end of the application that consumes."""
        ((offer, uuid),) = [
            (name, connection.source_model_uuid)
            for name, offer in self.first.offers.items()
            for connection in offer.connections
            if offer.application == view.app and connection.relation_id == view.info.relation_id
        ]
        # With more of them, the one that is left there could be another one's end.
        (_,) = [c for c in self.first.offers[offer].connections if c.source_model_uuid == uuid]
        info = Model(f'{self._controller}:{uuid}', self.first.client.progress).info
        other = self[f'{info.controller_name}:{info.name}']
        own_name = self.first.status.model.name
        names = {
            name
            for name, remote in other.status.app_endpoints.items()
            if (url := _URL.fullmatch(remote.url))
            and url['offer'] == offer
            and url['model'].rpartition('/')[2] == own_name
        }
        ((app, endpoint),) = {(p.app, p.endpoint) for p in other.pairs if p.other in names}
        return _view(other, app, endpoint=endpoint)


def _view(model: Model, app: str, **is_like: Any) -> relations.View:
    """Return what a unit of the other model shows of the relation."""
    ((name, unit),) = model.show([app])
    (info,) = [
        info
        for info in unit.relation_info
        if all(getattr(info, key) == value for key, value in is_like.items())
    ]
    return relations.View(name, unit, info, model.name)
