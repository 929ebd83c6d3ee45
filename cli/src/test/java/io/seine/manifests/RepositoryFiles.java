package io.seine.manifests;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the repository, wherever in it the tests were started. */
final class RepositoryFiles {

  private RepositoryFiles() {}

  /** The absolute path of a file, given by its path below the root of the repository. */
  static Path path(String below) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isRegularFile(at.resolve("seine")) && Files.exists(at.resolve(below))) {
        return at.resolve(below);
      }
    }
    throw new AssertionError(below + " is in no directory above " + Path.of("").toAbsolutePath());
  }
}
