package io.seine.sandbox.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real Open vSwitch does what all case files say, asked by its own trace. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyCasesOnOvsTest {
  private final TraceExecutor traces = new TraceExecutor();

  @BeforeAll
  void start() {
    assertThat(files()).isNotEmpty();
  }

  static List<Path> files() {
    return CaseFiles.all();
  }

  @ParameterizedTest
  @MethodSource("files")
  void isWhatTheSwitchDoes(Path file) throws Exception {
    assertThat(Replay.play(CaseFiles.read(file), traces)).isEmpty();
    assertThat(traces.drift()).isEmpty();
  }

  @AfterAll
  void stop() {
    traces.close();
  }
}
