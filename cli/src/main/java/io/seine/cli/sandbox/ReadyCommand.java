package io.seine.cli.sandbox;

import io.seine.cli.SandboxOption;
import io.seine.sandbox.Edits;
import io.seine.sandbox.SandboxView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seine sandbox ready}. */
@Command(
    name = "ready",
    mixinStandardHelpOptions = true,
    description = "Say whether a pod is ready, as its readiness probe does.")
final class ReadyCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();
  @Mixin private NamespaceOption namespace = new NamespaceOption();

  @Parameters(index = "0", paramLabel = "POD")
  private String pod = "";

  @Parameters(index = "1", paramLabel = "true|false")
  private boolean ready;

  @Override
  public void run() {
    try (SandboxView view = sandbox.attach()) {
      Edits.setReady(view.client(), namespace.namespace(), pod, ready);
    }
    spec.commandLine().getOut().println("pod/" + pod + (ready ? " is ready" : " is not ready"));
  }
}
