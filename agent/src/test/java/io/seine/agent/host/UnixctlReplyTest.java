package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnixctlReplyTest {
  private final List<String> lines = new ArrayList<>();

  private String read(String reply) throws IOException {
    return UnixctlReply.read(new StringReader(reply), lines::add);
  }

  @Test
  void aResultComesLineByLine() throws IOException {
    assertThat(
            read("{\"error\":null,\"id\":0,\"result\":\"one\\ntwo \\\"2\\\" \\u00e4\\n\\nend\"}"))
        .isEmpty();
    assertThat(lines).containsExactly("one", "two \"2\" \u00e4", "", "end");
  }

  @Test
  void spacesAndAnotherOrderMakeNoDifference() throws IOException {
    assertThat(read(" { \"result\" : \"a\\n\" , \"id\" : 0 , \"error\" : null } ")).isEmpty();
    assertThat(lines).containsExactly("a");
  }

  @Test
  void whatTheDaemonSaysAgainstItIsReturned() throws IOException {
    assertThat(read("{\"error\":\"no \\\\such command\",\"id\":0,\"result\":null}"))
        .isEqualTo("no \\such command");
    assertThat(lines).isEmpty();
  }

  @Test
  void whatIsCutOffOrNoReplyIsAnError() {
    assertThatThrownBy(() -> read("{\"result\":\"one\\nt"))
        .isInstanceOf(IOException.class)
        .hasMessage("the reply ends early");
    assertThatThrownBy(() -> read("[1]")).isInstanceOf(IOException.class);
  }
}
