/** How wide seals are, millimetres. @see 国发〔1999〕25号 */
export const SEAL_SIZES_MM = {
  round: { usual: 42, min: 38, max: 45 },
  square: { usual: 20, min: 18, max: 20 },
} as const;
