package io.seine.cli.sandbox;

import io.seine.sandbox.SandboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A manifest named on the command line. */
final class ManifestFile {
  @Option(
      names = "-f",
      required = true,
      paramLabel = "FILE",
      description = "YAML or JSON; - reads standard input.")
  private Path file = Path.of("-");

  /**
   * Its text.
   *
   * @throws SandboxException if it cannot be read
   */
  String read() {
    try {
      return file.toString().equals("-")
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(file);
    } catch (IOException e) {
      throw new SandboxException("cannot read the manifest " + e.getMessage());
    }
  }
}
