package io.seine.openflow;

import io.seine.openflow.Action.LearnSpec;
import java.util.ArrayList;
import java.util.List;

/** {@code learn(...)} as {@code ovs-actions(7)} writes it. */
final class LearnText {
  private static final int SEND_FLOW_REMOVED = 1;
  private static final int DELETE_LEARNED = 2;

  private LearnText() {}

  static String of(Action.Learn learn) {
    List<String> parts = new ArrayList<>();
    parts.add("table=" + learn.table());
    addIfSet(parts, "idle_timeout", learn.idleTimeout());
    addIfSet(parts, "hard_timeout", learn.hardTimeout());
    addIfSet(parts, "fin_idle_timeout", learn.finIdleTimeout());
    addIfSet(parts, "fin_hard_timeout", learn.finHardTimeout());
    if (learn.priority() != 0x8000) {
      parts.add("priority=" + learn.priority());
    }
    if ((learn.flags() & SEND_FLOW_REMOVED) != 0) {
      parts.add("send_flow_rem");
    }
    if ((learn.flags() & DELETE_LEARNED) != 0) {
      parts.add("delete_learned");
    }
    if (learn.cookie() != 0) {
      parts.add("cookie=" + FieldText.hex(learn.cookie()));
    }
    learn.specs().forEach(spec -> parts.add(of(spec)));
    return "learn(" + String.join(",", parts) + ")";
  }

  private static void addIfSet(List<String> parts, String name, int value) {
    if (value != 0) {
      parts.add(name + "=" + value);
    }
  }

  private static String of(LearnSpec spec) {
    return switch (spec) {
      case LearnSpec.MatchField s ->
          s.source().equals(s.target())
              ? FieldText.range(s.target())
              : FieldText.range(s.target()) + "=" + FieldText.range(s.source());
      case LearnSpec.MatchValue s -> matchValue(s);
      case LearnSpec.LoadField s ->
          "load:%s->%s".formatted(FieldText.range(s.source()), FieldText.range(s.target()));
      case LearnSpec.LoadValue s ->
          "load:%s->%s".formatted(FieldText.hex(s.value()), FieldText.range(s.target()));
      case LearnSpec.OutputField s -> "output:" + FieldText.range(s.source());
    };
  }

  private static String matchValue(LearnSpec.MatchValue spec) {
    FieldId field = spec.target().field();
    if (spec.target().width() != field.bits()) {
      return FieldText.range(spec.target()) + "=" + FieldText.hex(spec.value());
    }
    return FieldText.name(field)
        + "="
        + FieldText.value(field, spec.value().resized(field.bytes()));
  }
}
