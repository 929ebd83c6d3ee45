package io.seine.cli.sandbox;

import io.seine.cli.SandboxOption;
import io.seine.sandbox.Manifests;
import io.seine.sandbox.SandboxView;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seine sandbox apply}. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = "Create the objects of a manifest, or merge them into what is there.")
final class ApplyCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Option(
      names = "-f",
      required = true,
      paramLabel = "FILE",
      description = "YAML or JSON; - reads standard input.")
  private Path file = Path.of("-");

  @Override
  public void run() {
    try (SandboxView view = sandbox.attach()) {
      Manifests.apply(view.client(), ManifestFile.read(file))
          .forEach(spec.commandLine().getOut()::println);
    }
  }
}
