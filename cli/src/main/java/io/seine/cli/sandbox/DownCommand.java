package io.seine.cli.sandbox;

import io.seine.cli.SandboxOption;
import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.SandboxView;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code seine sandbox down}. */
@Command(
    name = "down",
    mixinStandardHelpOptions = true,
    description = "Take a sandbox down and remove all it made, also after a crash.")
final class DownCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Override
  public void run() {
    String name = sandbox.name().orElseGet(DownCommand::onlyOne);
    boolean there = Sandbox.hasRemains(name);
    Sandbox.remove(name);
    spec.commandLine()
        .getOut()
        .println(there ? "sandbox '" + name + "' is down" : "there is no sandbox '" + name + "'");
  }

  private static String onlyOne() {
    List<String> names = SandboxView.names();
    if (names.size() > 1) {
      throw new SandboxException("several sandboxes are up, choose one with --name: " + names);
    }
    return names.isEmpty() ? SandboxSpec.DEFAULT_NAME : names.getFirst();
  }
}
