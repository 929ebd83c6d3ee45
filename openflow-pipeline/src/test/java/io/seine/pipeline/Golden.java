package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Flow;
import io.seine.openflow.OvsText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Compares text with a file of the project; {@code -Dseine.update-docs=true} writes the file. */
public final class Golden {
  private Golden() {}

  public static void compare(Path file, String text) {
    try {
      if (Boolean.getBoolean("seine.update-docs")) {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text);
      }
      assertThat(file)
          .as("write it with -Dseine.update-docs=true, and look at the difference")
          .exists();
      assertThat(text)
          .as("%s differs; write it with -Dseine.update-docs=true if that is meant", file)
          .isEqualTo(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The flows and groups as {@code ovs-ofctl} writes them, one a line; flows as they are met. */
  public static String text(FlowSet set) {
    StringBuilder text = new StringBuilder();
    set.groups().forEach(g -> text.append(OvsText.of(g).strip()).append('\n'));
    set.flows().stream()
        .sorted(
            Comparator.comparingInt(Flow::table)
                .thenComparing(Comparator.comparingInt(Flow::priority).reversed()))
        .forEach(f -> text.append(OvsText.of(f).strip()).append('\n'));
    return text.toString();
  }
}
