package io.seine.cli;

import io.seine.sandbox.SandboxView;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The choice of a sandbox, which most commands need. */
public final class SandboxOption {
  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Which sandbox, when several are up.")
  private Optional<String> name = Optional.empty();

  public Optional<String> name() {
    return name;
  }

  public SandboxView attach() {
    return SandboxView.attach(name);
  }
}
