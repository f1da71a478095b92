from django.urls import include, path

from hi.api.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("hi.console.urls")),
]
