package io.seine.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigDocumentTest {
  /** With {@code -Dseine.write.docs=true} the page is written in place of being compared. */
  @Test
  void shouldBeThePageInTheDocumentation() throws IOException {
    Path page = Path.of("..", "docs", "configuration.md");
    if (Boolean.getBoolean("seine.write.docs")) {
      Files.createDirectories(page.getParent());
      Files.writeString(page, ConfigDocument.markdown());
    }

    assertThat(page).hasContent(ConfigDocument.markdown());
  }

  @Test
  void shouldStaySmall() {
    assertThat(Options.all()).hasSizeLessThanOrEqualTo(30);
  }
}
