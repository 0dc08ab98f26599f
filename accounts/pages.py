"""The pages of logging in and of unlocking a screen; a project gives them their templates."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts import browser, lock
from accounts.models import LoginSession

# One text for a wrong password and for a lock, which tells nothing and helps those who are locked out.
NOT_LOGGED_IN = _(
    "Name or password is not right. After several wrong ones in a row none is taken for a few minutes; "
    "an administrator can help sooner."
)
WRONG_PASSWORD = _(
    "The password is not right. After several wrong ones in a row none is taken for a few minutes."
)


class LoginForm(AuthenticationForm):
    error_messages = {**AuthenticationForm.error_messages, "invalid_login": NOT_LOGGED_IN}


class Login(LoginView):
    """Also for somebody who takes over a computer at which another one is logged in: that login ends."""

    form_class = LoginForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        if self.request.user.is_authenticated:
            return response
        # Refused behind the form: see accounts.sessions.LoginRefused.
        form.add_error(None, form.get_invalid_login_error())
        return self.form_invalid(form)


class PasswordForm(forms.Form):
    password = forms.CharField(
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class Locked(RedirectURLMixin, FormView):  # type: ignore[type-arg]  # takes none at run time
    """Where every page of a locked browser leads; the password of whoever is logged in leads back."""

    form_class = PasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        session = browser.live_session(request)
        if session is None:
            return redirect("login")
        if not lock.is_locked(session):
            return HttpResponseRedirect(self.get_success_url())
        self.login_session: LoginSession = session
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        if lock.unlock(self.request, self.login_session, form.cleaned_data["password"]):
            return HttpResponseRedirect(self.get_success_url())
        form.add_error(None, WRONG_PASSWORD)
        return self.form_invalid(form)

    def get_default_redirect_url(self) -> str:
        return resolve_url("board")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, next=self.get_redirect_url())
