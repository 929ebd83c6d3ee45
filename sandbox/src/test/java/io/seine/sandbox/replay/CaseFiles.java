package io.seine.sandbox.replay;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The project's case files. */
final class CaseFiles {
  private CaseFiles() {}

  static List<Path> all() {
    try (Stream<Path> files =
        Files.walk(
            Path.of(
                Objects.requireNonNull(CaseFiles.class.getResource("/policy-cases")).toURI()))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("the case files are not there", e);
    }
  }

  static Case read(Path file) {
    try {
      return CaseFile.read(Files.readString(file));
    } catch (CaseException | IOException e) {
      throw new CaseException(file.getFileName() + ": " + e.getMessage(), e);
    }
  }
}
