package io.seine.cli.sandbox;

import io.seine.cli.SandboxOption;
import io.seine.sandbox.Manifests;
import io.seine.sandbox.SandboxView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code seine sandbox delete}. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    description = "Delete the objects of a manifest.")
final class DeleteCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();
  @Mixin private ManifestFile manifest = new ManifestFile();

  @Override
  public void run() {
    try (SandboxView view = sandbox.attach()) {
      Manifests.delete(view.client(), manifest.read())
          .forEach(spec.commandLine().getOut()::println);
    }
  }
}
