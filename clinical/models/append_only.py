"""What models share whose rows are added and read, and nothing else."""

from typing import Any, NoReturn

from django.db import models


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that stay as they were written."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(f"A {self.model._meta.verbose_name} is never changed.")  # noqa: SLF001 - documented

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.update()

    def delete(self) -> NoReturn:
        raise TypeError(f"A {self.model._meta.verbose_name} is never deleted.")  # noqa: SLF001 - documented


class AppendOnly(models.Model):
    """A row that is history from its first moment."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"A {self._meta.verbose_name} is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"A {self._meta.verbose_name} is never deleted.")
