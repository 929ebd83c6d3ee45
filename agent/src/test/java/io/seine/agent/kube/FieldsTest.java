package io.seine.agent.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FieldsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String read(Fields fields, String text) throws IOException {
    try (JsonParser parser = JSON.createParser(text.replace('\'', '"'))) {
      JsonToken _ = parser.nextToken();
      String read = fields.read(parser, JSON).toString().replace('"', '\'');
      assertThat(parser.nextToken()).isNull();
      return read;
    }
  }

  @Test
  void shouldReadThesePathsAndNothingElse() throws IOException {
    Fields fields = Fields.of("a.b", "a.c.d", "e");

    assertThat(
            read(
                fields,
                "{'a':{'b':{'x':[1,{}]},'y':[{'b':2}],'c':{'d':3,'z':{}}},'e':[null,true],'f':{}}"))
        .isEqualTo("{'a':{'b':{'x':[1,{}]},'c':{'d':3}},'e':[null,true]}");
    assertThat(read(fields, "{'a':null,'e':4}")).isEqualTo("{'a':null,'e':4}");
    assertThat(read(fields, "{}")).isEqualTo("{}");
  }

  @Test
  void shouldLookThroughArrays() throws IOException {
    assertThat(read(Fields.of("a.b"), "{'a':[{'b':1,'c':2},{'c':3},[{'b':4}],5,null]}"))
        .isEqualTo("{'a':[{'b':1},{},[{'b':4}],5,null]}");
  }

  @Test
  void shouldNeverReadManagedFields() throws IOException {
    assertThat(read(Fields.ALL, "{'metadata':{'name':'a','managedFields':[{'f':{}}]}}"))
        .isEqualTo("{'metadata':{'name':'a'}}");
  }

  @Test
  void shouldReadAMemberWholeIfAnyPathSaysSo() throws IOException {
    assertThat(read(Fields.of("a", "a.b"), "{'a':{'b':1,'c':2}}")).isEqualTo("{'a':{'b':1,'c':2}}");
  }

  @Test
  void shouldNotTakeACutTextForAWholeOne() {
    assertThatThrownBy(() -> read(Fields.ALL, "{'a':[1,"))
        .isInstanceOf(JsonProcessingException.class);
  }
}
