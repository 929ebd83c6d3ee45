package io.seine.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentsTest {

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");

  @Test
  void everyLinkToAFileLeadsToOne() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        String target = link.group(1);
        if (!target.contains("://") && !Files.exists(document.resolveSibling(target))) {
          broken.add(document.getFileName() + ": " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyDecisionIsInTheIndex() throws IOException {
    Path index = RepositoryFiles.path("docs/decisions/README.md");
    String text = Files.readString(index);
    try (Stream<Path> pages = Files.list(RepositoryFiles.path("docs/decisions"))) {
      assertThat(
              pages
                  .map(page -> page.getFileName().toString())
                  .filter(name -> !name.equals("README.md")))
          .allSatisfy(name -> assertThat(text).contains("](" + name + ")"));
    }
  }

  private static List<Path> documents() throws IOException {
    List<Path> found = new ArrayList<>(List.of(RepositoryFiles.path("README.md")));
    try (Stream<Path> docs = Files.walk(RepositoryFiles.path("docs"))) {
      docs.filter(path -> path.toString().endsWith(".md")).forEach(found::add);
    }
    return found;
  }
}
