package io.seine.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The manifests that come with the sandbox: real ones, as operators wrote them. */
public final class Scenarios {
  private Scenarios() {}

  /** The text of a scenario by its file name, for example {@code hello-kubernetes.yaml}. */
  public static String text(String name) {
    try (InputStream stream = Scenarios.class.getResourceAsStream("scenarios/" + name)) {
      if (stream == null) {
        throw new SandboxException("no scenario " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
