"""What all stage scripts share as commands: a bad input ends in one line that says which, and not in a traceback."""

from typing import Any

import click

from stages.records import RecordError


class Stage(click.Command):
    """A click command that shows a record that cannot be read, or an unusable value, as its one-line error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. RecordError names file, line and field already."""
        try:
            return super().invoke(ctx)
        except RecordError as error:
            raise click.ClickException(str(error)) from error
