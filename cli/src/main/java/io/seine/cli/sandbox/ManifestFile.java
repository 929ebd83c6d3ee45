package io.seine.cli.sandbox;

import io.seine.sandbox.SandboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The text of a manifest named on the command line. */
final class ManifestFile {
  private ManifestFile() {}

  static String read(Path file) {
    try {
      return file.toString().equals("-")
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(file);
    } catch (IOException e) {
      throw new SandboxException("cannot read the manifest " + e.getMessage());
    }
  }
}
