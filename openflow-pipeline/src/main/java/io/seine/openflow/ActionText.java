package io.seine.openflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Actions as {@code ovs-actions(7)} writes them. */
final class ActionText {
  private static final int FTP = 21;
  private static final int TFTP = 69;
  private static final int WHOLE_PACKET = 0xffff;
  private static final int SAME_TABLE = 255;

  private ActionText() {}

  static String of(List<Action> actions) {
    return actions.stream().map(ActionText::of).collect(Collectors.joining(","));
  }

  static String of(Action action) {
    return switch (action) {
      case Action.Output a -> output(a.port());
      case Action.OutputReg a -> "output:" + FieldText.range(a.source());
      case Action.Group a -> "group:" + Integer.toUnsignedString(a.groupId());
      case Action.SetField a ->
          "set_field:%s->%s"
              .formatted(
                  FieldText.value(a.field(), a.value(), a.mask()), FieldText.name(a.field()));
      case Action.Move a ->
          "move:%s->%s".formatted(FieldText.range(a.source()), FieldText.range(a.target()));
      case Action.DecTtl() -> "dec_ttl";
      case Action.Resubmit a -> resubmit(a);
      case Action.CtClear() -> "ct_clear";
      case Action.Ct a -> ct(a);
      case Action.Learn a -> LearnText.of(a);
      case Action.Conjunction a ->
          "conjunction(%s,%d/%d)"
              .formatted(Integer.toUnsignedString(a.id()), a.clause() + 1, a.clauses());
      case Action.Controller a -> controller(a);
      case Action.Note a -> "note:" + dotted(a.data());
      case Action.PushVlan a -> "push_vlan:0x%04x".formatted(a.etherType());
      case Action.PopVlan() -> "pop_vlan";
      case Action.GotoTable a -> "goto_table:" + a.table();
      case Action.Meter a -> "meter:" + Integer.toUnsignedString(a.meterId());
      case Action.Unknown a -> "%s(%s)".formatted(a.kind(), a.raw());
    };
  }

  /** A port number, or the name of a reserved one. */
  static String port(int port) {
    return switch (port) {
      case Ports.IN_PORT -> "IN_PORT";
      case Ports.CONTROLLER -> "CONTROLLER";
      case Ports.LOCAL -> "LOCAL";
      case Ports.ANY -> "ANY";
      case 0xfffffff9 -> "TABLE";
      case 0xfffffffa -> "NORMAL";
      case 0xfffffffb -> "FLOOD";
      case 0xfffffffc -> "ALL";
      default -> Integer.toUnsignedString(port);
    };
  }

  private static String output(int port) {
    if (port == Ports.CONTROLLER) {
      return "CONTROLLER:" + WHOLE_PACKET;
    }
    String name = port(port);
    return Character.isDigit(name.charAt(0)) ? "output:" + name : name;
  }

  private static String resubmit(Action.Resubmit resubmit) {
    OptionalInt inPort = resubmit.inPort();
    String port = inPort.isPresent() ? port(inPort.getAsInt()) : "";
    if (resubmit.table() == SAME_TABLE) {
      return "resubmit:" + (port.isEmpty() ? "IN_PORT" : port);
    }
    return "resubmit(%s,%d)".formatted(port, resubmit.table());
  }

  private static String ct(Action.Ct ct) {
    List<String> parts = new ArrayList<>();
    if (ct.commit()) {
      parts.add("commit");
    }
    if (ct.force()) {
      parts.add("force");
    }
    ct.table().ifPresent(table -> parts.add("table=" + table));
    switch (ct.zone()) {
      case Action.Zone.Fixed fixed -> {
        if (fixed.zone() != 0) {
          parts.add("zone=" + fixed.zone());
        }
      }
      case Action.Zone.FromField field -> parts.add("zone=" + FieldText.range(field.source()));
    }
    ct.nat().ifPresent(nat -> parts.add(nat(nat)));
    if (!ct.exec().isEmpty()) {
      parts.add("exec(" + of(ct.exec()) + ")");
    }
    switch (ct.alg()) {
      case 0 -> {}
      case FTP -> parts.add("alg=ftp");
      case TFTP -> parts.add("alg=tftp");
      default -> parts.add("alg=" + ct.alg());
    }
    return parts.isEmpty() ? "ct" : "ct(" + String.join(",", parts) + ")";
  }

  private static String nat(Action.Nat nat) {
    if (nat.kind() == Action.Nat.Kind.APPLY) {
      return "nat";
    }
    StringBuilder text = new StringBuilder("nat(");
    text.append(nat.kind() == Action.Nat.Kind.SRC ? "src" : "dst");
    boolean range = nat.minAddress().isPresent() || nat.minPort().isPresent();
    text.append(range ? "=" : "");
    nat.minAddress().ifPresent(min -> text.append(natAddresses(nat, min)));
    nat.minPort().ifPresent(port -> text.append(':').append(port));
    nat.maxPort().ifPresent(port -> text.append('-').append(port));
    text.append((nat.flags() & 4) != 0 ? ",persistent" : "");
    text.append((nat.flags() & 8) != 0 ? ",hash" : "");
    text.append((nat.flags() & 16) != 0 ? ",random" : "");
    return text.append(')').toString();
  }

  /** An IPv6 address stands in brackets when a port follows. */
  private static String natAddresses(Action.Nat nat, Bits min) {
    boolean brackets = min.size() == 16 && nat.minPort().isPresent();
    String form = brackets ? "[%s]" : "%s";
    Optional<String> max = nat.maxAddress().map(a -> "-" + form.formatted(AddressText.ip(a)));
    return form.formatted(AddressText.ip(min)) + max.orElse("");
  }

  private static String controller(Action.Controller a) {
    boolean plain =
        a.reason() == Action.Controller.ACTION
            && a.controllerId() == 0
            && a.userdata().size() == 0
            && !a.pause()
            && a.meterId().isEmpty();
    if (plain) {
      return "CONTROLLER:" + a.maxLen();
    }
    List<String> parts = new ArrayList<>();
    if (a.reason() != Action.Controller.ACTION) {
      parts.add("reason=" + reason(a.reason()));
    }
    if (a.maxLen() != WHOLE_PACKET) {
      parts.add("max_len=" + a.maxLen());
    }
    if (a.controllerId() != 0) {
      parts.add("id=" + a.controllerId());
    }
    if (a.userdata().size() != 0) {
      parts.add("userdata=" + dotted(a.userdata()));
    }
    if (a.pause()) {
      parts.add("pause");
    }
    a.meterId().ifPresent(meter -> parts.add("meter_id=" + Integer.toUnsignedString(meter)));
    return "controller(" + String.join(",", parts) + ")";
  }

  private static String reason(int reason) {
    return switch (reason) {
      case 0 -> "no_match";
      case 2 -> "invalid_ttl";
      case 3 -> "action_set";
      case 4 -> "group";
      case 5 -> "packet_out";
      default -> Integer.toString(reason);
    };
  }

  private static String dotted(Bits bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.size(); i++) {
      text.append(i == 0 ? "" : ".").append("%02x".formatted(bytes.at(i)));
    }
    return text.toString();
  }
}
