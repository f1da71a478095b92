from django.urls import path

from hi.console.views import (
    account,
    activity,
    home,
    instance_actions,
    instances,
    job_actions,
    jobs,
    system,
    things,
    wizard,
)

app_name = "console"

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in", account.sign_in, name="sign-in"),
    path("sign-in/<str:token>", account.sign_in_link, name="sign-in-link"),
    path("sign-out", account.sign_out, name="sign-out"),
    path("account", account.account, name="account"),
    path("account/tokens/<int:token_id>/revoke", account.revoke_token, name="revoke-token"),
    path("theme", account.theme, name="theme"),
    path("things/", things.things, name="things"),
    path("things/live", things.things_live, name="things-live"),
    path("things/<int:entity_id>/", things.thing, name="thing"),
    path("integrations/", instances.integrations, name="integrations"),
    path("integrations/add", wizard.choose_kind, name="add"),
    path("integrations/add/<slug:integration_type>", wizard.enter_settings, name="add-settings"),
    path("integrations/add/<int:instance_id>/check", wizard.check, name="add-check"),
    path("integrations/<int:instance_id>/", instances.integration, name="integration"),
    path("integrations/<int:instance_id>/live", instances.integration_live, name="integration-live"),
    path("integrations/<int:instance_id>/activate", instance_actions.activate, name="activate"),
    path("integrations/<int:instance_id>/deactivate", instance_actions.deactivate, name="deactivate"),
    path("integrations/<int:instance_id>/pause", instance_actions.pause, name="pause"),
    path("integrations/<int:instance_id>/delete", instance_actions.delete, name="delete"),
    path("integrations/<int:instance_id>/interval", instance_actions.set_interval, name="interval"),
    path("integrations/<int:instance_id>/removal-policy", instance_actions.set_removal_policy, name="removal-policy"),
    path("integrations/<int:instance_id>/removals", instance_actions.approve_removals, name="removals"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/seen", job_actions.mark_seen, name="jobs-seen"),
    path("jobs/unseen", job_actions.mark_unseen, name="jobs-unseen"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/cancel", job_actions.cancel, name="job-cancel"),
    path("activity/", activity.activity, name="activity"),
    path("system/", system.system, name="system"),
]
