package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PipelineDocumentTest {
  @Test
  void theDocumentSaysWhatTheDefinitionsSay() {
    Golden.compare(Path.of("../docs/pipeline.md"), PipelineDocument.text());
  }

  @Test
  void everyMissLeadsForward() {
    assertThat(Table.values())
        .allSatisfy(table ->
            table
                .miss()
                .ifPresent(next -> assertThat(next.number()).isGreaterThan(table.number())));
    assertThat(Arrays.stream(Table.values()).mapToInt(Table::number).toArray()).isSorted();
  }
}
