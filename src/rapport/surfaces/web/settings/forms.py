"""Forms of the settings: Django's, shown by the macros of `ui/form/field.html`, answering what an action refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms

from rapport.records.errors import Invalid
from rapport.registry.fields import Text

WIDGETS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, "hidden"),
    (forms.PasswordInput, "password"),
    (forms.Textarea, "textarea"),
    (forms.CheckboxInput, "checkbox"),
    (forms.SelectMultiple, "multiselect"),
    (forms.Select, "select"),
    (forms.EmailInput, "email"),
    (forms.NumberInput, "number"),
    (forms.DateInput, "date"),
)
"""The first that a form field's widget is an instance of says how it is shown."""


class Form(forms.Form):
    """A form whose sound values an action takes; what the action refuses stands beside the fields."""

    result: Any = None

    def carried_out(self, act: Callable[..., Any]) -> bool:
        """Call `act` with the values by name; False when the form or the action refuses them."""
        if not self.is_bound or not self.is_valid():
            return False
        try:
            self.result = act(**self.cleaned_data)
        except Invalid as error:
            for name, messages in error.errors.items():
                for message in messages:
                    self.add_error(name if name in self.fields else None, str(message))
            return False
        return True

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields as the macros take them."""
        return [_row(self[name]) for name in self.fields]

    @property
    def problems(self) -> list[str]:
        """Errors of no field."""
        return [str(e) for e in self.non_field_errors()]


def _row(bound: forms.BoundField) -> dict[str, Any]:
    field = bound.field
    widget = next((name for kind, name in WIDGETS if isinstance(field.widget, kind)), "text")
    attrs = {k: v for k, v in field.widget.attrs.items() if k != "aria-invalid"}
    if isinstance(field, forms.CharField) and field.max_length:
        attrs["maxlength"] = field.max_length
    choices = [
        {"value": value, "label": label} for value, label in getattr(field, "choices", ()) if value not in ("", None)
    ]
    value = bound.value()
    return {
        "name": bound.html_name,
        "id": bound.auto_id or None,
        "label": field.label or bound.label,
        "widget": widget,
        "value": "" if widget == "password" else value,
        "required": field.required,
        "help": field.help_text,
        "errors": [str(e) for e in bound.errors],
        "choices": choices,
        "attrs": attrs,
    }


def text(label: Text, *, required: bool = True, most: int = 150, help: Text = "", **attrs: Any) -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=help, widget=forms.TextInput(attrs=attrs)
    )


def email(label: Text, **attrs: Any) -> forms.EmailField:
    """An e-mail address."""
    return forms.EmailField(label=label, max_length=254, widget=forms.EmailInput(attrs=attrs))


def password(label: Text, help: Text = "") -> forms.CharField:
    """A new password; never shown again."""
    attrs = {"autocomplete": "new-password"}
    return forms.CharField(label=label, help_text=help, strip=False, max_length=200, widget=forms.PasswordInput(attrs))


def choice(
    label: Text, choices: Iterable[tuple[Any, Text]] | Callable[[], Any], *, required: bool = True, help: Text = ""
) -> forms.ChoiceField:
    """One of a list."""
    return forms.ChoiceField(label=label, choices=choices, required=required, help_text=help)


def number(label: Text, choices: Sequence[tuple[int, Text]]) -> forms.TypedChoiceField:
    """One record of a list, by key, or none."""
    return forms.TypedChoiceField(
        label=label, choices=[("", "–"), *choices], required=False, coerce=int, empty_value=None
    )


def several(label: Text, choices: Sequence[tuple[int, Text]], help: Text = "") -> forms.TypedMultipleChoiceField:
    """Several of a list, by key."""
    return forms.TypedMultipleChoiceField(
        label=label, choices=choices, required=False, coerce=int, help_text=help, widget=forms.SelectMultiple
    )


def switch(label: Text, help: Text = "") -> forms.BooleanField:
    """On or off."""
    return forms.BooleanField(label=label, required=False, help_text=help)


def words(label: Text, choices: Sequence[tuple[str, Text]]) -> forms.MultipleChoiceField:
    """Several of a list, by name."""
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.SelectMultiple)


def long(label: Text, *, required: bool = False, most: int = 1000, help: Text = "", rows: int = 3) -> forms.CharField:
    """Several lines of text."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=most, help_text=help, widget=area)


def day(label: Text) -> forms.DateField:
    """A day."""
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d"))


def whole(label: Text, least: int, most: int, *, initial: int) -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(label=label, min_value=least, max_value=most, initial=initial)
