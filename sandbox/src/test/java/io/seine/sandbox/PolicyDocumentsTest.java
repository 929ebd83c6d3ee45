package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents of the policy APIs say, sentence by sentence, against what shows it. */
class PolicyDocumentsTest {
  private static final String SENTENCES = "/policy-documents.yaml";
  private static final Pattern CLASS = Pattern.compile("class ([A-Z][A-Za-z]+)");
  private static final Pattern REFERENCE =
      Pattern.compile("(?m)^reference: ([a-z-]+:\\S+(?:, \\S+)*)$");

  @Test
  void everySentenceIsShownByACaseOrATest() throws Exception {
    Map<String, String> sentences = sentences();
    Set<String> shown = references();
    for (Map.Entry<String, String> sentence : sentences.entrySet()) {
      Matcher test = CLASS.matcher(sentence.getValue());
      if (test.find()) {
        assertThatCode(() -> Class.forName("io.seine.sandbox." + test.group(1)))
            .as(sentence.getKey())
            .doesNotThrowAnyException();
      } else {
        assertThat(shown).as(sentence.getValue()).contains(sentence.getKey());
      }
    }
  }

  @Test
  void everyReferenceOfACaseIsASentence() throws Exception {
    assertThat(sentences().keySet()).containsAll(references());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> sentences() throws IOException {
    try (InputStream in = PolicyDocumentsTest.class.getResourceAsStream(SENTENCES)) {
      String text =
          new String(Objects.requireNonNull(in, SENTENCES).readAllBytes(), StandardCharsets.UTF_8);
      return Serialization.unmarshal(text, Map.class);
    }
  }

  /** By the ids of sentences; some cases name a document in words. */
  private static Set<String> references() throws Exception {
    Path directory =
        Path.of(
            Objects.requireNonNull(PolicyDocumentsTest.class.getResource("/policy-cases")).toURI());
    Set<String> references = new TreeSet<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).toList()) {
        Matcher found = REFERENCE.matcher(Files.readString(file));
        if (found.find()) {
          references.addAll(List.of(found.group(1).split(", ")));
        }
      }
    }
    return references;
  }
}
