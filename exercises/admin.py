"""The admin's desk: people and their roles, classrooms, content, and all that is kept to be read.

What a learner answered and what was said of it is only shown here: nobody changes or deletes it.
Whatever an admin changes is a line of the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

# Imported first, so that what these register can be registered again in the desk's own dress.
from allauth.account import admin as account_admin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import ManyToManyField, Model, QuerySet
from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

import allauth.mfa.admin  # noqa: F401 isort: skip  the same
from exercises import catalog
from exercises.models import (
    Assignment,
    Audit,
    Classroom,
    Comment,
    Dispute,
    Exercise,
    Lesson,
    Marking,
    Membership,
    Override,
    Revision,
    Sheet,
    Submission,
    Track,
    User,
    Verdict,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise
else:
    StrPromise = str

# Roles are boxes on a person, not groups; addresses and second factors get the desk's own pages.
for model in (Group, EmailAddress, Authenticator):
    admin.site.unregister(model)


class Desk(ModelAdmin):
    """A page where things are changed, each change a line of the audit."""

    list_per_page = 50
    warn_unsaved_form = True

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        Audit.objects.note("added", obj, who=_asking(request))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        Audit.objects.note("changed", obj, who=_asking(request), what=_fields_named(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            Audit.objects.note("deleted", obj, who=_asking(request), what=[str(obj)])
        return super().log_deletions(request, queryset)


def _asking(request: HttpRequest) -> User:
    """Nobody else than people of ours gets as far as the desk."""
    return cast(User, request.user)


def _fields_named(message: Any) -> list[str]:
    """The names of the fields that changed, never what stood or stands in them."""
    if not isinstance(message, list):
        return []
    return [name for one in message for change in one.values() for name in change.get("fields", ())]


class ReadOnly(ModelAdmin):
    """A page where rows are read. They are kept as written, so nothing here changes them."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows of another kind, to be read beside their owner."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# --- People ---------------------------------------------------------------------------------------


class PersonForm(UserChangeForm):
    """A person, with the one box that makes an admin."""

    admin = forms.BooleanField(
        label=gettext_lazy("Admin"),
        help_text=gettext_lazy("May do everything here, and all that teachers and authors may."),
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "admin" in self.fields:
            self.fields["admin"].initial = self.instance.is_staff and self.instance.is_superuser

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        asking = getattr(self, "asking", None)
        own = asking is not None and asking.pk == self.instance.pk
        if own and not self.cleaned_data.get("admin"):
            self.add_error("admin", _("You cannot take this role from yourself."))
        if own and not self.cleaned_data.get("is_active"):
            self.add_error("is_active", _("You cannot close your own account."))
        email = str(self.cleaned_data.get("email", "")).strip().lower()
        others = User.objects.exclude(pk=self.instance.pk)
        if email and others.filter(email__iexact=email).exists():
            self.add_error("email", ValidationError(_("Another person has this address.")))
        return cleaned

    def save(self, commit: bool = True) -> User:
        if "admin" in self.cleaned_data:
            self.instance.is_staff = self.instance.is_superuser = self.cleaned_data["admin"]
        saved: User = super().save(commit)
        return saved


class NewPersonForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("username", "name", "email")

    def clean_email(self) -> str:
        email = str(self.cleaned_data.get("email", "")).strip().lower()
        if email and User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("Another person has this address."))
        return email


def _role_action(field: str, value: bool, words: StrPromise) -> Callable[..., None]:
    """An action that gives or takes one role, or opens or closes accounts; never one's own."""

    @admin.action(description=words)
    def act(self: PersonAdmin, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people.exclude(pk=_asking(request).pk):
            setattr(person, field, value)
            person.save(update_fields=[field])
            Audit.objects.note("changed", person, who=_asking(request), what=[field], to=value)

    act.__name__ = f"{field}_{'on' if value else 'off'}"
    return act


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("classroom", "user")
    readonly_fields = ("joined_at",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Boxes in a row have no labels of their own, so each bears its name."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None:
            field.widget.attrs["aria-label"] = field.label
        return field


@admin.register(User)
class PersonAdmin(DjangoUserAdmin, Desk):
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username",
        "name",
        "email",
        "is_teacher",
        "is_author",
        "admin_shown",
        "is_active",
        "last_login",
    )
    list_filter = ("is_teacher", "is_author", "is_superuser", "is_active")
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("username", "name", "email", "password")}),
        (gettext_lazy("Roles"), {"fields": ("is_teacher", "is_author", "admin", "is_active")}),
        (gettext_lazy("Settings"), {"fields": ("time_zone", "language")}),
        (gettext_lazy("Times"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("username", "name", "email", "usable_password", "password1", "password2")},
        ),
    )
    actions = (
        "is_teacher_on",
        "is_teacher_off",
        "is_author_on",
        "is_author_off",
        "is_active_off",
        "is_active_on",
    )
    is_teacher_on = _role_action("is_teacher", True, gettext_lazy("Make them teachers"))
    is_teacher_off = _role_action("is_teacher", False, gettext_lazy("No longer teachers"))
    is_author_on = _role_action("is_author", True, gettext_lazy("Make them authors"))
    is_author_off = _role_action("is_author", False, gettext_lazy("No longer authors"))
    is_active_off = _role_action("is_active", False, gettext_lazy("Close their accounts"))
    is_active_on = _role_action("is_active", True, gettext_lazy("Open their accounts again"))

    @admin.display(description=gettext_lazy("admin"), boolean=True, ordering="is_superuser")
    def admin_shown(self, obj: User) -> bool:
        return obj.is_staff and obj.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People leave answers and verdicts behind: their accounts are closed, not deleted."""
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **options)
        form.asking = request.user
        return form

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()


@admin.register(EmailAddress)
class AddressAdmin(Desk, account_admin.EmailAddressAdmin):
    autocomplete_fields = ("user",)
    raw_id_fields = ()


@admin.register(Authenticator)
class SecondFactorAdmin(Desk):
    """Who lost their second factor has it taken away here, and sets up another."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__username", "user__email")
    fields = ("user", "type", "created_at", "last_used_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


# --- Classrooms -----------------------------------------------------------------------------------


@admin.register(Classroom)
class ClassroomAdmin(Desk):
    """Classrooms are opened on the teacher's pages, which make their codes."""

    list_display = ("name", "code", "code_open", "archived_at", "created_at")
    list_filter = ("code_open", "archived_at")
    search_fields = ("name", "code")
    fields = ("name", "code", "code_open", "archived_at", "created_at")
    readonly_fields = ("code", "archived_at", "created_at")
    inlines = (MembershipInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def view_on_site(self, obj: Classroom) -> str:
        return reverse("teach:classroom", args=[obj.pk])


@admin.register(Membership)
class MembershipAdmin(Desk):
    list_display = ("user", "classroom", "role", "joined_at")
    list_filter = ("role",)
    list_select_related = ("user", "classroom")
    search_fields = ("user__username", "user__name", "user__email", "classroom__name")
    autocomplete_fields = ("user", "classroom")
    readonly_fields = ("joined_at",)


@admin.register(Assignment)
class AssignmentAdmin(Desk):
    list_display = ("title", "classroom", "opens_at", "due_at", "tries")
    list_filter = ("due_at",)
    list_select_related = ("classroom",)
    search_fields = ("title", "classroom__name")
    autocomplete_fields = ("classroom",)
    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}


# --- Content --------------------------------------------------------------------------------------


class LessonForm(forms.ModelForm):
    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        address = reverse("learn:lesson", args=[slug])
        if resolve(address).view_name != "learn:lesson":
            raise ValidationError(
                _("Another page has the address %(address)s already: choose another slug."),
                params={"address": address},
            )
        return slug


@admin.register(Lesson)
class LessonAdmin(Desk):
    form = LessonForm
    list_display = ("title", "slug", "order", "minutes")
    search_fields = ("title", "slug", "summary")
    prepopulated_fields = {"slug": ("title",)}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Exercises stand where the text places them; the others come after those."""
        super().save_related(request, form, formsets, change)
        lesson: Lesson = form.instance
        catalog.place(lesson, also=lesson.exercises.in_order().values_list("slug", flat=True))

    def view_on_site(self, obj: Lesson) -> str:
        return reverse("learn:lesson", args=[obj.slug])


class RevisionInline(ReadOnlyInline):
    model = Revision
    fields = ("number", "published_at", "published_by", "digest")


@admin.register(Exercise)
class ExerciseAdmin(Desk):
    """Whose an exercise is and where it stands. Its text is written on the author's pages."""

    list_display = ("slug", "title", "state_shown", "lesson", "position", "authors_shown")
    list_filter = ("lesson",)
    list_select_related = ("lesson", "current")
    search_fields = ("slug", "title")
    autocomplete_fields = ("lesson",)
    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    fields = ("slug", "title", "state_shown", "lesson", "position", "authors", "draft_at")
    readonly_fields = ("slug", "title", "state_shown", "draft_at")
    inlines = (RevisionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Exercise]:
        return super().get_queryset(request).prefetch_related("authors")

    def formfield_for_manytomany(self, db_field: Any, request: Any, **options: Any) -> Any:
        """Only who may write is offered as an author."""
        return super().formfield_for_manytomany(
            db_field, request, queryset=User.objects.authors(), **options
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what was never published: sheets keep their wording for ever."""
        return obj is not None and obj.current_id is None

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, obj: Exercise) -> str:
        return {
            "draft": _("draft"),
            "failing": _("failing"),
            "published": _("published"),
            "changed": _("changed since"),
        }[obj.state]

    @admin.display(description=gettext_lazy("authors"))
    def authors_shown(self, obj: Exercise) -> str:
        return ", ".join(map(str, obj.authors.all())) or _("any author")

    def view_on_site(self, obj: Exercise) -> str:
        return reverse("author:exercise", args=[obj.slug])


@admin.register(Revision)
class RevisionAdmin(ReadOnly):
    list_display = ("exercise", "number", "published_at", "published_by", "digest")
    list_select_related = ("exercise", "published_by")
    search_fields = ("exercise__slug", "exercise__title", "digest")


# --- Learners' work: to be read -------------------------------------------------------------------


@admin.register(Track)
class TrackAdmin(ReadOnly):
    list_display = ("learner", "exercise", "assignment", "begun_at")
    list_select_related = ("learner", "exercise", "assignment")
    search_fields = ("learner__username", "learner__name", "exercise__slug")


@admin.register(Sheet)
class SheetAdmin(ReadOnly):
    list_display = ("learner", "exercise", "number", "revision", "opened_at")
    list_select_related = ("learner", "exercise", "revision__exercise")
    search_fields = ("learner__username", "learner__name", "exercise__slug")


class MarkingInline(ReadOnlyInline):
    model = Marking
    fields = ("state", "runs", "current", "lease_until", "woken_at")


class VerdictInline(ReadOnlyInline):
    model = Verdict
    fields = ("cause", "outcome", "score", "engine", "revision", "created_at")


class OverrideInline(ReadOnlyInline):
    model = Override
    fields = ("score", "reason", "by", "at")


class CommentInline(ReadOnlyInline):
    model = Comment
    fields = ("text", "by", "at")


@admin.register(Submission)
class SubmissionAdmin(ReadOnly):
    list_display = (
        "pk",
        "learner",
        "exercise_shown",
        "try_number",
        "received_at",
        "standing_shown",
        "answer_shown",
    )
    list_filter = ("marking__state", "marking__current__outcome", "at_deadline")
    list_select_related = ("learner", "track__exercise", "marking__current")
    search_fields = ("learner__username", "learner__name", "track__exercise__slug")
    date_hierarchy = "received_at"
    inlines = (MarkingInline, VerdictInline, OverrideInline, CommentInline)

    @admin.display(description=gettext_lazy("exercise"))
    def exercise_shown(self, obj: Submission) -> str:
        return str(obj.track.exercise)

    @admin.display(description=gettext_lazy("state"))
    def standing_shown(self, obj: Submission) -> str:
        return {
            "waiting": _("waiting"),
            "marked": _("marked"),
            "review": _("with a person"),
            "broken": _("could not be marked"),
        }[obj.standing]

    @admin.display(description=gettext_lazy("answer"))
    def answer_shown(self, obj: Submission) -> SafeString:
        return _to_answer(obj.pk)


@admin.register(Marking)
class MarkingAdmin(ReadOnly):
    list_display = ("submission", "state", "runs", "woken_at", "lease_until", "answer_shown")
    list_filter = ("state",)
    list_select_related = ("submission",)
    search_fields = ("submission__learner__username", "submission__track__exercise__slug")

    @admin.display(description=gettext_lazy("answer"))
    def answer_shown(self, obj: Marking) -> SafeString:
        return _to_answer(obj.submission_id)


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    list_display = ("submission", "cause", "outcome", "score", "engine", "revision", "created_at")
    list_filter = ("outcome", "engine")
    list_select_related = ("submission", "revision__exercise")
    search_fields = ("submission__learner__username", "revision__exercise__slug", "cause")
    date_hierarchy = "created_at"


@admin.register(Override)
class OverrideAdmin(ReadOnly):
    list_display = ("submission", "track", "score", "by", "at")
    list_select_related = ("submission", "track__learner", "track__exercise", "by")
    search_fields = ("submission__learner__username", "track__learner__username", "by__username")


@admin.register(Dispute)
class DisputeAdmin(ReadOnly):
    """Disputes are settled beside the answer, where its evidence stands."""

    list_display = ("submission", "by", "state", "opened_at", "settled_by", "answer_shown")
    list_filter = ("state",)
    list_select_related = ("submission", "by", "settled_by")
    search_fields = ("by__username", "by__name", "submission__track__exercise__slug")

    @admin.display(description=gettext_lazy("answer"))
    def answer_shown(self, obj: Dispute) -> SafeString:
        return _to_answer(obj.submission_id)


# --- The audit ------------------------------------------------------------------------------------


@admin.register(Audit)
class AuditAdmin(ReadOnly):
    list_display: Sequence[str] = ("at", "who", "verb", "subject")
    list_filter = ("verb",)
    list_select_related = ("who",)
    search_fields = ("who__username", "who__name", "verb", "subject")
    date_hierarchy = "at"


def _to_answer(submission_id: int) -> SafeString:
    """The way to the page where an answer is read and settled."""
    return format_html(
        '<a href="{}">{}</a>', reverse("teach:answer", args=[submission_id]), _("Read it")
    )
