package io.seine.agent.policy;

/** Of which namespaces pods are selected. */
sealed interface Scope {
  /** Of one. */
  record Named(String namespace) implements Scope {
    @Override
    public String toString() {
      return namespace;
    }
  }

  /** Of those with such labels. */
  record Labelled(Match namespaces) implements Scope {
    @Override
    public String toString() {
      return "{" + namespaces + "}";
    }
  }

  /** Of every namespace. */
  Scope ALL = new Labelled(Match.ALL);
}
