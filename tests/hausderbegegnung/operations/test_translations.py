"""The catalogues are made, checked and compiled without gettext's system tools."""

import gettext
import subprocess
import sys

import pytest
from django.utils.translation import gettext as shown

from hausderbegegnung.operations import translations
from hausderbegegnung.operations.translations import Finding

CODE = """
from django.utils.translation import gettext as _, ngettext, pgettext, gettext_lazy

text = _("Room %(room)s is taken.")
lazy = gettext_lazy("Ask")
many = ngettext("%(count)d room", "%(count)d rooms", 3)
month = pgettext("month", "May")
not_a_text = _(text)
"""
TEMPLATE = """
{% block content %}
  <h1>{% translate "Ask" %}</h1>
      {% if it's %}<p title="{{ _("Seats") }}">{% blocktranslate trimmed with name=room.name %}
        Room {{ name }}
        it is
      {% endblocktranslate %}</p>{% endif %}
  {% translate "May" context "permission" %}
{% endblock %}
"""
GERMAN = {
    (None, "Room %(room)s is taken."): "Raum %(room)s ist belegt.",
    (None, "Ask"): "Anfragen",
    (None, "%(count)d room"): ("%(count)d Raum", "%(count)d Räume"),
    ("month", "May"): "Mai",
    (None, "Seats"): "Plätze",
    (None, "Room %(name)s it is"): "Raum %(name)s ist es",
    ("permission", "May"): "Darf",
}


@pytest.fixture
def project(tmp_path):
    """A small project with texts in code and in a template."""
    for app in translations.APPS:
        (tmp_path / app).mkdir()
    (tmp_path / "rooms/models.py").write_text(CODE)
    (tmp_path / "rooms/templates").mkdir()
    (tmp_path / "rooms/templates/room.html").write_text(TEMPLATE)
    (tmp_path / "rooms/migrations").mkdir()
    (tmp_path / "rooms/migrations/0001_initial.py").write_text('_("not for people")')
    return tmp_path


def translate(project, german):
    translations.update(project)
    catalogue = translations.read_catalogue(project, "rooms")
    for (context, text), translation in german.items():
        catalogue.get(text, context).string = translation
    translations.write_catalogue(project, "rooms", catalogue)


def test_texts_of_code_and_templates_are_found(project):
    found = {
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in translations.extract(project, "rooms")
        if message.id
    }
    assert found == set(GERMAN)


def test_texts_without_translation_are_problems(project):
    translations.update(project)
    assert set(translations.find_problems(project)) == {
        Finding("rooms", text, "has no German translation") for _context, text in GERMAN
    }


def test_texts_that_are_not_in_the_catalogue_are_problems(project):
    problem = "is not in the catalogue; run `make messages` and translate it"
    assert set(translations.find_problems(project)) == {
        Finding("rooms", text, problem) for _context, text in GERMAN
    }


def test_complete_catalogue_has_no_problem(project):
    translate(project, GERMAN)
    assert translations.find_problems(project) == []


def test_half_a_plural_is_a_problem(project):
    translate(project, GERMAN | {(None, "%(count)d room"): ("%(count)d Raum", "")})
    assert translations.find_problems(project) == [
        Finding("rooms", "%(count)d room", "has no German translation")
    ]


def test_fuzzy_translation_is_a_problem(project):
    translate(project, GERMAN)
    path = translations.catalogue_path(project, "rooms")
    path.write_text(path.read_text().replace('msgid "Ask"', '#, fuzzy\nmsgid "Ask"'))
    assert translations.find_problems(project) == [
        Finding("rooms", "Ask", "has a German translation marked fuzzy")
    ]


def test_translation_with_another_placeholder_is_a_problem(project):
    translate(project, GERMAN | {(None, "Room %(room)s is taken."): "Raum %(raum)s ist belegt."})
    (finding,) = translations.find_problems(project)
    assert finding.problem.startswith("has a German translation that does not fit: ")


def test_unused_translation_is_a_problem_until_the_next_update(project):
    translate(project, GERMAN)
    (project / "rooms/templates/room.html").write_text('{% translate "Ask" %}')
    gone = {(None, "Seats"), (None, "Room %(name)s it is"), ("permission", "May")}
    assert set(translations.find_problems(project)) == {
        Finding("rooms", text, "is no longer used; run `make messages`") for _context, text in gone
    }
    translations.update(project)
    assert translations.find_problems(project) == []


def test_update_keeps_translations_and_changes_nothing_when_run_again(project):
    translate(project, GERMAN)
    before = translations.catalogue_path(project, "rooms").read_text()
    (project / "rooms/models.py").write_text(f"\n\n\n{CODE}")
    translations.update(project)
    assert translations.catalogue_path(project, "rooms").read_text() == before


def test_texts_in_javascript_are_problems(project):
    translate(project, GERMAN)
    (project / "rooms/static").mkdir()
    (project / "rooms/static/room.js").write_text('alert(gettext("Ask"))')
    assert translations.find_problems(project) == [
        Finding("rooms", "room.js", "translates in JavaScript; hand it the text in a data attribute")
    ]


def test_compiled_catalogue_is_what_gettext_reads(project):
    translate(project, GERMAN)
    translations.compile_catalogues(project)
    german = gettext.translation("django", project / "rooms/locale", ["de"])
    assert german.gettext("Ask") == "Anfragen"
    assert german.ngettext("%(count)d room", "%(count)d rooms", 2) == "%(count)d Räume"
    assert german.pgettext("month", "May") == "Mai"


# Each process compiles again and again, as the lanes of `make test` do at one moment on a clean checkout.
COMPILE_OFTEN = """
import os
import sys
from pathlib import Path
from hausderbegegnung.operations.translations import catalogue_path, compile_catalogues
root = Path(sys.argv[1])
# Newer than whatever is compiled, so that it is compiled each time.
os.utime(catalogue_path(root, "rooms"), (2**32, 2**32))
for _ in range(60):
    compile_catalogues(root)
"""


def test_several_processes_may_compile_at_once(project):
    translate(project, GERMAN)
    processes = [subprocess.Popen([sys.executable, "-c", COMPILE_OFTEN, project]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]


def test_texts_compiled_in_a_running_process_are_used_at_once(tmp_path, settings):
    """The first `make run` compiles and then furnishes the demo house: what it stores must be German."""
    folder = tmp_path / "rooms" / "locale" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Monday"\nmsgstr "Mondtag"\n'
    )
    settings.LOCALE_PATHS = [tmp_path / "rooms" / "locale"]
    assert shown("Monday") == "Montag"
    translations.compile_catalogues(tmp_path)
    assert shown("Monday") == "Mondtag"
