/** An image as refusals name it: its digest by the first 12 characters. */
export function toldImage(image: string): string {
  return image.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1");
}
