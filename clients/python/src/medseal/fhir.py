"""Whose a FHIR resource is, and what it is called (spec/records.md, "Values of FHIR resources")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MAX_WITHIN = 8
"""A resource is looked for within this many others."""

Resource = dict[str, Any]

_EVERYWHERE = ("subject", "patient")
_BY_TYPE = {
    "AllergyIntolerance": ("recorder", "asserter"),
    "Appointment": ("participant.actor",),
    "AppointmentResponse": ("actor",),
    "AuditEvent": ("agent.who", "entity.what"),
    "Basic": ("author",),
    "CarePlan": ("activity.detail.performer",),
    "CareTeam": ("participant.member",),
    "Claim": ("payee.party",),
    "Communication": ("sender", "recipient"),
    "CommunicationRequest": ("sender", "recipient", "requester"),
    "Composition": ("author", "attester.party"),
    "Condition": ("asserter",),
    "Coverage": ("policyHolder", "subscriber", "beneficiary", "payor"),
    "DeviceRequest": ("performer",),
    "DocumentManifest": ("author", "recipient"),
    "DocumentReference": ("author",),
    "EnrollmentRequest": ("candidate",),
    "ExplanationOfBenefit": ("payee.party",),
    "Group": ("member.entity",),
    "Invoice": ("recipient",),
    "List": ("source",),
    "MedicationAdministration": ("performer.actor",),
    "MedicationDispense": ("receiver",),
    "Observation": ("performer",),
    "Patient": ("link.other",),
    "Person": ("link.target",),
    "Procedure": ("performer.actor",),
    "Provenance": ("target",),
    "QuestionnaireResponse": ("author",),
    "RequestGroup": ("action.participant",),
    "ResearchSubject": ("individual",),
    "Schedule": ("actor",),
    "ServiceRequest": ("performer",),
    "SupplyRequest": ("deliverTo",),
    "Task": ("for", "focus"),
}
_LITERAL = re.compile(r"(?:\A|/)([A-Z][A-Za-z]*)/([^/?#]+)(?:/_history/[^/?#]+)?\Z")


def resource_of(row: Resource, *, is_entry: bool) -> tuple[Resource, str | None]:
    """The resource of a row, and the URL of the entry that it stands in, if it is one of a Bundle."""
    if not is_entry:
        return row, None
    resource = row.get("resource")
    return (resource, _text(row.get("fullUrl"))) if isinstance(resource, dict) else ({}, None)


def resource_names(resource: Resource, full_url: str | None) -> set[str]:
    """What a resource is called: its type and id, and in a Bundle the URN of its entry."""
    kind, number = _text(resource.get("resourceType")), _text(resource.get("id"))
    names = set() if kind is None or number is None else {f"{kind}/{number}"}
    return names | {full_url} if full_url is not None and full_url.startswith("urn:") else names


def patients_of(resource: Resource, full_url: str | None) -> set[str]:
    """The names of all patients that a resource, and what stands within it, is of."""
    return {name for name in _patients(resource, full_url, is_contained=False, within=0) if name is not None}


def _patients(resource: Resource, full_url: str | None, *, is_contained: bool, within: int) -> Iterator[str | None]:
    kind = _text(resource.get("resourceType"))
    for path in (*_EVERYWHERE, *_BY_TYPE.get(kind or "", ())):
        yield from (_patient_referred(element) for element in _elements(resource, path.split(".")))
    if kind == "Patient" and is_contained:
        yield from (_identifier_name(identifier) for identifier in _list(resource.get("identifier")))
    elif kind == "Patient":
        number = _text(resource.get("id"))
        yield None if number is None else f"Patient/{number}"
        yield None if full_url is None else _patient_at(full_url, may_be_patient=True)
    if within == MAX_WITHIN:
        return
    for inner in _list(resource.get("contained")):
        yield from _patients(_object(inner), None, is_contained=True, within=within + 1)
    for entry in map(_object, _list(resource.get("entry")) if kind == "Bundle" else []):
        inner, url = _object(entry.get("resource")), _text(entry.get("fullUrl"))
        yield from _patients(inner, url, is_contained=is_contained, within=within + 1)


def _elements(value: object, path: list[str]) -> Iterator[Resource]:
    """The objects to which names lead, through the elements of arrays."""
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            continue
        if path:
            yield from _elements(each.get(path[0]), path[1:])
        else:
            yield each


def _patient_referred(reference: Resource) -> str | None:
    kind = _text(reference.get("type"))
    may_be_patient = kind is None or kind == "Patient" or kind.endswith("/Patient")
    target = _text(reference.get("reference"))
    if target:
        return _patient_at(target, may_be_patient=may_be_patient)
    return _identifier_name(reference.get("identifier")) if may_be_patient else None


def _patient_at(url: str, *, may_be_patient: bool) -> str | None:
    if not url or url.startswith("#"):
        return None
    literal = _LITERAL.search(url)
    if literal is not None:
        return f"Patient/{literal[2]}" if literal[1] == "Patient" else None
    return url if may_be_patient else None


def _identifier_name(identifier: object) -> str | None:
    members = _object(identifier)
    value = _text(members.get("value"))
    return None if value is None else f"{_text(members.get('system')) or ''}|{value}"


def _text(value: object) -> str | None:
    """A string that is well-formed Unicode, and no number."""
    if type(value) is not str:
        return None
    return None if any("\ud800" <= character <= "\udfff" for character in value) else value


def _object(value: object) -> Resource:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
