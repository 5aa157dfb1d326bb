/** Line drawings on a 16 × 16 grid, drawn for this page. */
const PATHS = {
  plus: 'M8 3.5v9M3.5 8h9',
  pencil: 'M10.5 3.5l2 2L6 12l-2.75.75L4 10z',
  end: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3',
  copy: 'M6 5.5h6.5v7H6zM3.5 10V3.5H10',
  sliders: 'M3 5h6M12 5h1M3 11h1M7 11h6M10.5 3.5v3M5.5 9.5v3',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  check: 'M3.5 8.5l3 3 6-7',
  warning: 'M8 2.75l5.75 10.5H2.25zM8 6.75v3M8 11.4v.1',
  keyboard: 'M2 4.5h12v7H2zM4.5 7h.1M7 7h.1M9.5 7h.1M11.7 7h.1M5 9.5h6',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  leave: 'M9.5 3.5H3.5v9h6M7 8h6.5M11 5.5L13.5 8 11 10.5',
  eye: 'M1.75 8S4 3.75 8 3.75 14.25 8 14.25 8 12 12.25 8 12.25 1.75 8 1.75 8zM8 9.75a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5z',
  terminal: 'M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10h3',
} as const;

export type IconName = keyof typeof PATHS;

/** A decorative icon in the colour of the text around it; the name for people stands beside it or in an aria-label. */
export function icon(name: IconName): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
