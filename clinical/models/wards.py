"""Wards: where patients lie and staff work."""

from django.db import models


class Ward(models.Model):
    """A ward under its slug, which is also the department of those who work there."""

    id = models.SlugField(primary_key=True, max_length=50)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
