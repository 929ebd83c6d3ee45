package io.seine.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class AgentMemoryTest {
  @Test
  void theHeapIsTheHistogramsTotal() {
    String histogram =
        """
        4711:
         num     #instances         #bytes  class name (module)
        -------------------------------------------------------
           1:        200000       10000000  [B (java.base@25)
           2:        100000        5728640  java.lang.String (java.base@25)
        Total        300000       15728640
        """;

    assertThat(AgentMemory.heap(histogram)).isEqualTo(15.0);
  }

  @Test
  void anAnswerThatEndsEarlyIsAnError() {
    assertThatThrownBy(() -> AgentMemory.heap("4711:\nan error"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("without its total");
  }

  @Test
  void theResidentMemoryIsInKibibytesInTheStatus() {
    assertThat(AgentMemory.resident(List.of("VmSize:\t 9999 kB", "VmRSS:\t  204800 kB")))
        .isEqualTo(200.0);
  }
}
