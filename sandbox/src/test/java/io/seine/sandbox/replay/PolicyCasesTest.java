package io.seine.sandbox.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All case files say what the documents of the API say. */
class PolicyCasesTest {

  static List<Path> files() {
    return CaseFiles.all();
  }

  @ParameterizedTest
  @MethodSource("files")
  void isWhatTheDocumentsSay(Path file) throws Exception {
    try (Executor evaluator = new EvaluatorExecutor()) {
      assertThat(Replay.play(CaseFiles.read(file), evaluator)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void readsBackAsItIsWritten(Path file) {
    Case read = CaseFiles.read(file);

    Case again = CaseFile.read(CaseText.write(read));

    assertThat(again.steps()).hasSameSizeAs(read.steps());
    for (int i = 0; i < read.steps().size(); i++) {
      Step step = again.steps().get(i);
      assertThat(step.scene()).isEqualTo(read.steps().get(i).scene());
      assertThat(step.changes()).containsExactlyElementsOf(read.steps().get(i).changes());
      assertThat(step.probes()).hasSameElementsAs(read.steps().get(i).probes());
    }
    assertThat(again.start()).isEqualTo(read.start());
    assertThat(again.outside()).isEqualTo(read.outside());
  }

  @Test
  void theExampleOfTheDocumentIsOne() throws Exception {
    String document = Files.readString(Path.of("..", "docs", "policy-cases.md"));
    int start = document.indexOf("```yaml") + "```yaml".length();

    Case example = CaseFile.read(document.substring(start, document.indexOf("```", start)));

    try (Executor evaluator = new EvaluatorExecutor()) {
      assertThat(Replay.play(example, evaluator)).isEmpty();
    }
  }

  @Test
  void aMistakeIsToldWithItsPlace() {
    String text = "nodes: [n1]\nsteps:\n- expect: |\n    TCP/80 n1\n    x/a ok\n";

    assertThatThrownBy(() -> CaseFile.read(text))
        .isInstanceOf(CaseException.class)
        .hasMessageContaining("steps[0]")
        .hasMessageContaining("nobody is called x/a");
  }
}
