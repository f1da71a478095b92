"""Forms. The settings form is made of what a service declares; a secret goes in and never comes out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hi.integration import exceptions
from hi.integration.core.settings import SettingSpec, SettingType
from hi.integration.operations import MAX_LABEL

UNITS: tuple[tuple[str, str | Promise], ...] = (
    ("1", gettext_lazy("seconds")),
    ("60", gettext_lazy("minutes")),
    ("3600", gettext_lazy("hours")),
    ("86400", gettext_lazy("days")),
)
YEAR_SECONDS = 365 * 86400
PRESETS = (30, 60, 300, 600, 3600)


class SettingsForm(forms.Form):
    """Name and settings of one instance. It only carries them: what is right is decided by `clean_settings`."""

    def __init__(
        self,
        specs: Sequence[SettingSpec],
        *,
        label: str,
        is_named: bool = True,
        values: Mapping[str, str] | None = None,
        stored_secrets: Collection[str] = (),
        from_environment: Collection[str] = (),
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, auto_id="setting-%s", initial={"label": label, **(values or {})})
        self.specs = tuple(specs)
        self.has_name = is_named and all(spec.key != "label" for spec in self.specs)
        if self.has_name:
            self.fields["label"] = forms.CharField(
                label=_("Name"), required=False, max_length=MAX_LABEL, help_text=_("What you call it here.")
            )
        for spec in self.specs:
            self.fields[spec.key] = _build_field(spec, spec.key in stored_secrets, spec.key in from_environment)
        self.has_folded = any(spec.is_folded for spec in self.specs)

    def shows_folded(self) -> bool:
        """Whether something of what few need is wrong, or not as it is for all others."""
        folded = [spec for spec in self.specs if spec.is_folded]
        return any(self.has_error(spec.key) or self[spec.key].value() not in ("", spec.default) for spec in folded)

    def given(self) -> dict[str, str]:
        """The settings as they were typed."""
        return {spec.key: str(self.data.get(spec.key, "")) for spec in self.specs if spec.key in self.data}

    def label(self) -> str:
        return str(self.data.get("label", "")).strip() if self.has_name else ""

    def refuse(self, err: exceptions.ConfigurationError) -> None:
        """Show each error where it belongs, with what to do."""
        self.full_clean()
        for one in err.each:
            self.add_error(one.field if one.field in self.fields else None, f"{one} {one.hint}".strip())
        typed_secrets = any(spec.is_secret and self.data.get(spec.key) for spec in self.specs)
        if typed_secrets:
            for spec in self.specs:
                if spec.is_secret and not self.has_error(spec.key):
                    self.add_error(spec.key, _("Enter it once more: hi never sends a secret back."))


def _build_field(spec: SettingSpec, is_stored: bool, is_from_environment: bool) -> forms.CharField:
    told = _("Taken from the environment.") if is_from_environment else ""
    field = forms.CharField(
        label=spec.label,
        required=False,
        strip=False,
        # Too long a value gets the service's own sentence, so let it through to where that is said.
        max_length=spec.max_length * 2,
        initial=spec.default,
        help_text=f"{spec.help} {told}".strip(),
        widget=_build_widget(spec, is_stored, is_from_environment),
    )
    field.is_folded = spec.is_folded  # type: ignore[attr-defined]  # for the template
    return field


def _build_widget(spec: SettingSpec, is_stored: bool, is_from_environment: bool) -> forms.Widget:
    attributes = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    if spec.placeholder:
        attributes["placeholder"] = spec.placeholder
    if spec.type is SettingType.CHOICE:
        return forms.Select(choices=spec.choices)
    if spec.type is SettingType.CERTIFICATES:
        return forms.Textarea({**attributes, "rows": "4"})
    if spec.type is SettingType.URL:
        # Not type="url": that would refuse an address without its scheme, which we complete.
        return forms.TextInput({**attributes, "inputmode": "url"})
    if not spec.is_secret:
        return forms.TextInput(attributes)
    if is_stored:
        attributes["placeholder"] = _("stored; leave empty to keep it")
    elif is_from_environment:
        attributes["placeholder"] = _("taken from the environment, unless you enter another")
    return forms.PasswordInput({**attributes, "autocomplete": "new-password"}, render_value=False)


class IntervalForm(forms.Form):
    """How often to sync: a preset's seconds, or a number of some unit."""

    seconds = forms.IntegerField(required=False)
    every = forms.FloatField(required=False)
    unit = forms.ChoiceField(choices=UNITS, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("seconds") is None:
            every = cleaned.get("every")
            if every is None:
                raise forms.ValidationError(_("Say how often, as a number."))
            # Kept within what can be counted; the sentence about the range is for `set_interval` to say.
            cleaned["seconds"] = round(min(max(every, 0), YEAR_SECONDS) * int(cleaned.get("unit") or 1))
        return cleaned


def split_interval(seconds: int) -> tuple[int, str]:
    """The number and the unit to show for it: 600 is 10 minutes."""
    for size, _word in reversed(UNITS):
        if seconds % int(size) == 0:
            return seconds // int(size), size
    return seconds, "1"
