package io.seine.openflow;

/**
 * A field of a flow that Seine did not write.
 *
 * @param experimenter the experimenter id, only meaningful when {@code oxmClass} is 0xffff
 */
public record UnknownField(int oxmClass, int number, int bits, int experimenter)
    implements FieldId {
  @Override
  public String ovsName() {
    return "oxm_%04x_%d".formatted(oxmClass, number);
  }
}
