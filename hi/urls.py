from django.urls import include, path

from hi.api import health
from hi.api.api import api

handler403 = "hi.console.views.errors.not_allowed"
handler500 = "hi.console.views.errors.server_error"
urlpatterns = [
    path("api/v1/", api.urls),
    *health.urlpatterns,
    path("", include("hi.console.urls")),
]
