package io.seine.pipeline;

import java.util.Comparator;

/**
 * What a set of flows is there for: the unit in which flows are compiled, installed, reported and
 * removed.
 *
 * <p>Owners have a total order, by kind and then by name. Where two of them want the same entry of
 * a table, the first in that order gets it.
 */
public sealed interface Owner extends Comparable<Owner> {
  Comparator<Owner> ORDER =
      Comparator.comparing(Owner::kind)
          .thenComparing(Owner::namespace)
          .thenComparing(Owner::name)
          .thenComparing(Owner::what);

  /** What every node has: the tables themselves, tunnel and gateway. */
  record Base() implements Owner {
    @Override
    public Kind kind() {
      return Kind.BASE;
    }

    @Override
    public String name() {
      return "";
    }

    @Override
    public String toString() {
      return "base";
    }
  }

  /** A peer node. */
  record Node(String name) implements Owner {
    @Override
    public Kind kind() {
      return Kind.NODE;
    }

    @Override
    public String toString() {
      return "node/" + name;
    }
  }

  /** A pod of this node. */
  record Pod(String namespace, String name) implements Owner {
    @Override
    public Kind kind() {
      return Kind.POD;
    }

    @Override
    public String toString() {
      return "pod/" + namespace + "/" + name;
    }
  }

  record Service(String namespace, String name) implements Owner {
    @Override
    public Kind kind() {
      return Kind.SERVICE;
    }

    @Override
    public String toString() {
      return "service/" + namespace + "/" + name;
    }
  }

  /**
   * A policy, which owns what its rules decide.
   *
   * @param what kind of policy it is, as in {@code networkpolicy/default/web}
   * @param namespace empty for what has none
   */
  record Policy(String what, String namespace, String name) implements Owner {
    @Override
    public Kind kind() {
      return Kind.POLICY;
    }

    @Override
    public String toString() {
      return what + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
    }
  }

  /** A pod of this node that policies concern: which rules are about it. */
  record PolicyPod(String namespace, String name) implements Owner {
    @Override
    public Kind kind() {
      return Kind.POLICY_POD;
    }

    @Override
    public String toString() {
      return "policy-pod/" + namespace + "/" + name;
    }
  }

  /**
   * Something that several policies speak of, which is in the switch once.
   *
   * @param what peer, class, block or ports
   */
  record PolicyTerm(String what, String name) implements Owner {
    @Override
    public Kind kind() {
      return Kind.POLICY_TERM;
    }

    @Override
    public String toString() {
      return "policy-" + what + "/" + name;
    }
  }

  Kind kind();

  /** Empty for what has no namespace. */
  default String namespace() {
    return "";
  }

  String name();

  /** What tells apart those of one kind that may have the same name; empty for most kinds. */
  default String what() {
    return "";
  }

  @Override
  default int compareTo(Owner other) {
    return ORDER.compare(this, other);
  }

  /** What an owner is; its code is written into the cookie of each of its flows. */
  enum Kind {
    BASE(1),
    NODE(2),
    POD(3),
    SERVICE(4),
    POLICY(5),
    POLICY_POD(6),
    POLICY_TERM(7),
    /** Not an owner: flows that other flows write with {@code learn}. They come and go unasked. */
    LEARNED(15);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** 1 to 15. */
    public int code() {
      return code;
    }
  }
}
