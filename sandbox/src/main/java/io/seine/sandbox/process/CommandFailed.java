package io.seine.sandbox.process;

import java.util.List;

/** A command of the system that did not do what it was asked. */
public final class CommandFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CommandFailed(List<String> argv, Commands.Result result) {
    super(
        "`%s` failed (exit %d): %s"
            .formatted(
                String.join(" ", argv),
                result.exit(),
                (result.err().isBlank() ? result.out() : result.err()).strip()));
  }
}
