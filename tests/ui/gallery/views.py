"""Pages and fragments of the gallery, standing in for the product's views."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import include, path
from tests.ui.gallery import content, data

from rapport.ui.layout import layout_of, vary

NAV = [
    {
        "items": [
            {"label": "Home", "url": "/", "icon": "dashboard", "key": "h"},
            {"label": "Tasks", "url": "/calendar/", "icon": "checkbox", "count": 5, "key": "t"},
            {"label": "People", "url": "/list/", "icon": "users", "key": "p"},
            {"label": "Companies", "url": "/empty/", "icon": "building"},
            {"label": "Deals", "url": "/board/", "icon": "layout-kanban", "count": 17, "key": "d"},
        ]
    },
    {
        "label": "Pages",
        "items": [
            {"label": "Record", "url": "/record/", "icon": "id"},
            {"label": "Form", "url": "/form/", "icon": "forms"},
            {"label": "Errors", "url": "/form/?errors=1", "icon": "alert-circle"},
        ],
    },
]


def shell(request: HttpRequest) -> dict:
    nav = [{**g, "items": [{**i, "active": i["url"] == request.path} for i in g["items"]]} for g in NAV]
    return {
        "brand": "Rapport",
        "nav": nav,
        "nav_foot": [{"label": "Settings", "url": "/bare/", "icon": "settings"}],
        "user": {"name": "Mia Lund", "initials": "ML", "url": "/"},
        "theme": request.COOKIES.get("theme", "auto"),
        "lang": "en",
        "csrf": get_token(request),
        "path": request.path,
        "search_url": "/list/",
        "palette_url": "/palette/",
        "quick_create": [
            {"label": "Person", "url": "/dialog/", "icon": "user-plus", "attrs": {"data-dialog": True}},
            {"label": "Deal", "url": "/dialog/", "icon": "target", "attrs": {"data-dialog": True}},
        ],
        "user_menu": [
            {"label": "Profile", "url": "/", "icon": "user-circle"},
            {"label": "Sign out", "url": "/bare/", "icon": "logout", "method": "post"},
        ],
        "messages": [{"level": "success", "text": "Deal moved to Won", "undo": {"url": "/list/"}}]
        if "toast" in request.GET
        else [],
        "shortcuts": [
            {"label": "Go to", "items": [{"keys": "g p", "label": "People"}, {"keys": "g d", "label": "Deals"}]}
        ],
    }


def page(name: str, **context):
    def view(request: HttpRequest) -> HttpResponse:
        made = {key: value(request) if callable(value) else value for key, value in context.items()}
        return vary(
            render(
                request,
                f"gallery/{name}.html",
                {"layout": layout_of(request), "shell": shell(request), "request": request, **made},
                using="jinja2",
            )
        )

    return view


def move(request: HttpRequest) -> HttpResponse:
    if request.POST.get("to") == "negotiation":
        return JsonResponse({"error": "A quote must be sent first."}, status=422)
    return JsonResponse(
        {
            "version": 4,
            "columns": [{"id": request.POST["to"], "count": 9, "total": "€999,000"}],
            "undo": {"url": "/list/"},
        }
    )


def palette(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "").lower()
    people = [
        {"label": p[0], "url": "/record/", "icon": "user", "hint": p[1]} for p in data.PEOPLE if q in p[0].lower()
    ]
    groups = [{"label": "People", "items": people[:6]}] if q else []
    commands = [
        i
        for i in (
            {"label": "Go to Deals", "url": "/board/", "icon": "layout-kanban", "hint": "g d"},
            {"label": "New person", "url": "/dialog/", "icon": "plus", "attrs": {"data-dialog": True}},
        )
        if q in i["label"].lower()
    ]
    groups.append({"label": "Commands", "items": commands})
    return render(request, "ui/palette_results.html", {"groups": [g for g in groups if g["items"]]}, using="jinja2")


def options(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "")
    items = [
        {"value": i, "label": p[0], "hint": p[1], "icon": "user"}
        for i, p in enumerate(data.PEOPLE, 1)
        if q.lower() in p[0].lower()
    ]
    create = {"url": f"/dialog/?name={q}", "label": f"Create “{q}”"} if q else None
    return render(request, "ui/form/options.html", {"items": items[:8], "create": create}, using="jinja2")


def rows(request: HttpRequest) -> HttpResponse:
    offset = int(request.GET.get("offset", 0))
    return render(request, "gallery/rows.html", {"t": data.table(offset, more=offset < 48)}, using="jinja2")


def cards(request: HttpRequest) -> HttpResponse:
    board = data.board(get_token(request))
    return render(
        request,
        "gallery/cards.html",
        {"b": board, "column": {**board["columns"][4], "cards": data.cards(7, 3), "next_url": None}},
        using="jinja2",
    )


def edit(request: HttpRequest, number: int) -> HttpResponse:
    row = content.details()[number]
    context = {
        "row": row,
        "csrf": get_token(request),
        "number": number,
        "editing": request.method == "GET" and "cancel" not in request.GET,
        "error": None,
    }
    if request.method == "POST":
        value = request.POST.get("value", "")
        context["error"] = None if value else "Say something."
        context["editing"] = not value
        row["value"] = value
    return render(request, "gallery/edit.html", context, status=422 if context["error"] else 200, using="jinja2")


def dialog(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        if not request.POST.get("title"):
            return render(
                request,
                "gallery/dialog.html",
                {"csrf": get_token(request), "error": "A title is needed."},
                status=422,
                using="jinja2",
            )
        return HttpResponse(
            status=204,
            headers={"HX-Trigger": '{"dialog:close": true, "toast": {"level": "success", "text": "Created"}}'},
        )
    return render(request, "gallery/dialog.html", {"csrf": get_token(request), "error": None}, using="jinja2")


def slow(request: HttpRequest) -> HttpResponse:
    time.sleep(2)
    return redirect("/")


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse("broken", status=500)


urlpatterns = [
    path("", page("components")),
    path("list/", page("list", t=data.table(), spec=content.filter_spec(), value=content.FILTER)),
    path("empty/", page("empty")),
    path("board/", page("board", b=lambda r: data.board(get_token(r)))),
    path("calendar/", page("calendar", c=lambda r: data.calendar())),
    path("record/", page("record", days=content.timeline(), rows=content.details(), moments=content.history())),
    path("form/", page("form", sections=lambda r: content.form_fields(errors="errors" in r.GET))),
    path("bare/", page("bare")),
    path("palette/", palette),
    path("options/", options),
    path("rows/", rows),
    path("cards/", cards),
    path("move/", move),
    path("edit/<int:number>/", edit),
    path("dialog/", dialog),
    path("slow/", slow),
    path("broken/", broken),
    path("accounts/", include("allauth.urls")),
]
