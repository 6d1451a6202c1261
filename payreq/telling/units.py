"""What numbers count, as data: a singular and a plural for each, in the catalogues, too."""

from __future__ import annotations

from payreq.telling.languages import NN_

_FORMS = (
    NN_("{number} call", "{number} calls"),
    NN_("{number} character", "{number} characters"),
    NN_("{number} contact", "{number} contacts"),
    NN_("{number} credit", "{number} credits"),
    NN_("{number} document", "{number} documents"),
    NN_("{number} download", "{number} downloads"),
    NN_("{number} email", "{number} emails"),
    NN_("{number} export", "{number} exports"),
    NN_("{number} hour", "{number} hours"),
    NN_("{number} image", "{number} images"),
    NN_("{number} message", "{number} messages"),
    NN_("{number} minute", "{number} minutes"),
    NN_("{number} page", "{number} pages"),
    NN_("{number} point", "{number} points"),
    NN_("{number} project", "{number} projects"),
    NN_("{number} query", "{number} queries"),
    NN_("{number} record", "{number} records"),
    NN_("{number} request", "{number} requests"),
    NN_("{number} result", "{number} results"),
    NN_("{number} search", "{number} searches"),
    NN_("{number} seat", "{number} seats"),
    NN_("{number} second", "{number} seconds"),
    NN_("{number} token", "{number} tokens"),
    NN_("{number} unit", "{number} units"),
    NN_("{number} user", "{number} users"),
    NN_("{number} word", "{number} words"),
)

UNITS = {form.rpartition(" ")[2]: forms for forms in _FORMS for form in forms}
"""The forms, by the singular and by the plural; any other unit is shown as it was sent."""
