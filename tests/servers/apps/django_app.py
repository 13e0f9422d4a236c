"""The three pages in Django, in one file."""

import base64

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="not-secret",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"], LOGGING_CONFIG=None,
)  # fmt: skip
django.setup()


def my_info(request: HttpRequest) -> HttpResponse:
    kind, _, coded = request.headers.get("Authorization", "").partition(" ")
    user = base64.b64decode(coded).partition(b":")[0] if kind == "Basic" else b"-"
    return HttpResponse(
        b"A page as a shop shows it, with name, address, telephone and orders: [[page my-info of "
        + user.replace(b"]", b"")
        + b"]]"
    )


def customer(request: HttpRequest, one: str) -> HttpResponse:
    return _page("customer", one)


def account(request: HttpRequest) -> HttpResponse:
    return _page("account", request.GET.get("id", ""))


def _page(page: str, text: str) -> HttpResponse:
    try:
        one = int(text)
    except ValueError:
        raise Http404 from None
    if one not in range(1, 1000):
        raise Http404
    return HttpResponse(
        f"A page as a shop shows it, with name, address, telephone and orders: [[page {page} of {one}]]"
    )


urlpatterns = [path("my/info", my_info), path("customers/<str:one>", customer), path("account", account)]
app = get_wsgi_application()
