"""The addresses of the account pages; the names are the ones allauth looks for."""

from allauth.account import views as allauth_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.urls import path

from hausderbegegnung.accounts import token_views, views
from hausderbegegnung.accounts.views import staff_only

urlpatterns = [
    path("konto/", views.account, name="account"),
    path("konto/angaben/", views.DetailsView.as_view(), name="account_details"),
    path("konto/programme/", token_views.tokens, name="tokens"),
    path("konto/programme/<int:token_id>/beenden/", token_views.end_token, name="end_token"),
    path("konto/anmelden/", views.AddressView.as_view(), name="account_login"),
    path("konto/anmelden/", views.AddressView.as_view(), name="account_request_login_code"),
    path("konto/anmelden/code/", views.CodeView.as_view(), name="account_confirm_login_code"),
    path("konto/anmelden/neu/", views.RestartView.as_view(), name="account_restart_login"),
    path(
        "konto/anmelden/passwort/",
        allauth_views.LoginView.as_view(template_name="account/login_password.html"),
        name="account_login_password",
    ),
    path("konto/anmelden/link/<str:token>/", views.login_link, name="account_login_link"),
    path("konto/anmelden/zweiter-faktor/", mfa_views.authenticate, name="mfa_authenticate"),
    path("konto/abmelden/", allauth_views.logout, name="account_logout"),
    path("konto/gesperrt/", allauth_views.account_inactive, name="account_inactive"),
    path("konto/bestaetigen/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("konto/bestaetigen/zweiter-faktor/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("konto/passwort/", staff_only(allauth_views.password_change), name="account_change_password"),
    path("konto/passwort/neu/", staff_only(allauth_views.password_set), name="account_set_password"),
    path("konto/zweiter-faktor/", staff_only(mfa_views.index), name="mfa_index"),
    path("konto/zweiter-faktor/einrichten/", staff_only(totp_views.activate_totp), name="mfa_activate_totp"),
    path(
        "konto/zweiter-faktor/entfernen/", staff_only(totp_views.deactivate_totp), name="mfa_deactivate_totp"
    ),
    path(
        "konto/zweiter-faktor/ersatzcodes/",
        staff_only(recovery_views.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "konto/zweiter-faktor/ersatzcodes/neu/",
        staff_only(recovery_views.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "konto/zweiter-faktor/ersatzcodes/datei/",
        staff_only(recovery_views.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("demo/anmelden/<slug:who>/", views.demo_login, name="demo_login"),
]
