"""A plain Django page of the same list, for comparison: 25 people of a worker, read through the ORM for whoever is signed in. Nothing of it is audited.

Run by bench/run.py with what bench/requirements.txt names. `plain_django.py fill` makes the database in the folder that PLAIN_FOLDER names and prints a
session's cookie; gunicorn serves `plain_django:application`.
"""
import datetime
import os
import sys
import uuid

import django
from django.conf import settings

LIST = """{% extends "base.html" %}{% block content %}<h1>My people</h1>
<p>{{ counts.in_support }} in support, {{ counts.waiting }} waiting for a first contact.</p>
<table><thead><tr><th>Name</th><th>Next contact</th><th>Last contact</th><th>Step</th><th>Reference</th></tr></thead><tbody>
{% for case in cases %}<tr><th><a href="/cases/{{ case.id }}">{{ case.person.name }}</a></th><td>{{ case.next_contact_at|date:"l j F, H:i" }}</td>
<td>{{ case.last_contact_at|date:"l j F, H:i" }}</td><td>{{ case.step }}</td><td>{{ case.reference }}</td></tr>{% endfor %}
</tbody></table>{% endblock %}"""
BASE = """<!doctype html><html lang="en-GB"><head><title>My people</title></head><body><header>{{ request.user.first_name }}</header>
<main>{% block content %}{% endblock %}</main></body></html>"""

settings.configure(
    SECRET_KEY="for measuring only",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="Europe/London",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.environ["PLAIN_FOLDER"], "plain.db"), "CONN_MAX_AGE": None}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"],
                "loaders": [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", {"list.html": LIST, "base.html": BASE})])],
            },
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.contrib.auth.decorators import login_required  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402


class Person(models.Model):
    name = models.CharField(max_length=200)

    class Meta:
        app_label = "plain"


class Case(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    reference = models.CharField(max_length=20)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    worker = models.ForeignKey(User, on_delete=models.PROTECT)
    status = models.CharField(max_length=20)
    step = models.CharField(max_length=1)
    next_contact_at = models.DateTimeField()
    last_contact_at = models.DateTimeField()

    class Meta:
        app_label = "plain"
        indexes = [models.Index(fields=["worker", "status", "next_contact_at", "id"])]


@login_required
def people(request):
    mine = Case.objects.filter(worker=request.user)
    counts = {row["status"]: row["n"] for row in mine.values("status").annotate(n=models.Count("id"))}
    cases = mine.filter(status="in_support").select_related("person").order_by("next_contact_at", "id")[:25]
    return render(request, "list.html", {"cases": cases, "counts": counts})


urlpatterns = [path("people", people)]
application = get_wsgi_application()


def fill():
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in (Person, Case):
            editor.create_model(model)
    now = timezone.now()
    for worker in range(200):
        user = User.objects.create_user(f"worker{worker}", first_name="Aisha")
        people = Person.objects.bulk_create(Person(name=f"Amara Ackroyd {worker} {n}") for n in range(28))
        Case.objects.bulk_create(
            Case(
                reference=f"HR-{worker:04}-{n:02}",
                person=person,
                worker=user,
                status="in_support" if n < 25 else "waiting",
                step="1",
                next_contact_at=now + datetime.timedelta(hours=n),
                last_contact_at=now - datetime.timedelta(days=n),
            )
            for n, person in enumerate(people)
        )
    client = Client()
    client.force_login(User.objects.get(username="worker1"))
    print(f"sessionid={client.cookies['sessionid'].value}")


if __name__ == "__main__" and sys.argv[1:] == ["fill"]:
    fill()
